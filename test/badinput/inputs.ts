import fc from 'fast-check'
import { type BadWire, badWires } from './badwires.ts'
import { type BadBody, brokenBodies } from './brokenbodies.ts'
import { type BadReview, brokenObjects } from './brokenobjects.ts'
import { brokenReviews, brokenUpdates } from './brokenreviews.ts'

/** One bad input: a review, a body, or a conversation. */
export type BadInput = ({ way: 'review' } & BadReview) | ({ way: 'body' } & BadBody) | ({ way: 'wire' } & BadWire)

const reviews = (arbitrary: fc.Arbitrary<BadReview>) => arbitrary.map((one): BadInput => ({ way: 'review', ...one }))

/** Bad inputs of every kind; most of them are objects with one field that is wrong. */
export const badInputs: fc.Arbitrary<BadInput> = fc.oneof(
  { weight: 14, arbitrary: reviews(brokenObjects) },
  { weight: 4, arbitrary: reviews(brokenReviews) },
  { weight: 1, arbitrary: reviews(brokenUpdates) },
  { weight: 2, arbitrary: brokenBodies.map((one): BadInput => ({ way: 'body', ...one })) },
  { weight: 3, arbitrary: badWires.map((one): BadInput => ({ way: 'wire', ...one })) },
)
