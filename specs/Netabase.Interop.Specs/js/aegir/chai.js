import * as chai from 'chai'
import chaiAsPromised from 'chai-as-promised'
import chaiBites from 'chai-bites'
import chaiParentheses from 'chai-parentheses'

// The plugins that the suite's assertions lean on: byte arrays, `ok()` as a call, and promises (which must come last).
chai.use(chaiBites)
chai.use(chaiParentheses)
chai.use(chaiAsPromised)

export const { assert, expect } = chai
