import * as chai from 'chai'
import chaiAsPromised from 'chai-as-promised'
import chaiBites from 'chai-bites'

// The plugins that the suite's assertions lean on: byte arrays, properties that are written as calls (`to.exist()`), and
// promises (which must come last).
chai.use(chaiBites)
chai.use(({ Assertion }, { addChainableMethod }) => {
  for (const name of ['ok', 'exist']) {
    const { get } = Object.getOwnPropertyDescriptor(Assertion.prototype, name)
    addChainableMethod(Assertion.prototype, name, function () {}, function () { get.call(this) })
  }
})
chai.use(chaiAsPromised)

export const { assert, expect } = chai
