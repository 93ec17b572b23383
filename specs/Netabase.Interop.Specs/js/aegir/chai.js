import * as chai from 'chai'
import chaiAsPromised from 'chai-as-promised'
import chaiBites from 'chai-bites'

// The plugins that the suite's assertions lean on: byte arrays, and promises (which must come last).
chai.use(chaiBites)
chai.use(chaiAsPromised)

export const { assert, expect } = chai
