import { EPOCH_FIELD, type StoredEpochs } from './epochs.ts'
import { FIRST_EPOCH, type SigningKey } from './signature.ts'

/** `data` of the Secret of the epochs. */
export type EpochData = Record<string, string>

/**
 * The steps of a rotation: a new key that all replicas learn, then sign with, then the end of everything older. `epoch` is
 * that of the new key.
 */
export interface Step {
  step: 'add' | 'sign' | 'retire'
  epoch: number
}

/** What comes next, by what is stored: whoever was interrupted goes on where he was. undefined: nothing is stored yet. */
export function nextStep(stored: StoredEpochs | undefined): Step {
  const { signs, oldest, keys } = stored ?? { signs: FIRST_EPOCH, oldest: FIRST_EPOCH, keys: new Map() }
  const newest = Math.max(signs, ...keys.keys())
  if (newest > signs) return { step: 'sign', epoch: newest }
  return oldest < signs ? { step: 'retire', epoch: signs } : { step: 'add', epoch: signs + 1 }
}

const field = (epoch: number) => `${EPOCH_FIELD}${epoch}`
const base64 = (content: string | SigningKey) => Buffer.from(content).toString('base64')

/** With one more key, which does not sign yet. */
export const withKey = (data: EpochData, epoch: number, key: SigningKey): EpochData => ({
  ...data,
  signs: data.signs ?? base64(`${FIRST_EPOCH}`),
  [field(epoch)]: base64(key),
})

/** With another epoch for new signatures. */
export const signingWith = (data: EpochData, epoch: number): EpochData => ({ ...data, signs: base64(`${epoch}`) })

/** With one epoch alone. */
export const onlyWith = (data: EpochData, epoch: number): EpochData => ({
  signs: base64(`${epoch}`),
  oldest: base64(`${epoch}`),
  [field(epoch)]: data[field(epoch)] as string,
})
