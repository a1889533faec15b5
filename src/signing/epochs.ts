import { epochNumber, FIRST_EPOCH, type SigningKey } from './signature.ts'

/** The keys whose signatures hold, by epoch, and the epoch of new signatures; that one is among them. */
export interface Epochs {
  keys: ReadonlyMap<number, SigningKey>
  signs: number
}

/** What the Secret of the epochs says; the key of the first epoch is in a Secret of its own. */
export interface StoredEpochs extends Epochs {
  /** Signatures of older epochs do not hold. */
  oldest: number
}

/** Where nobody has rotated anything, there is the first key. */
export const onlyFirst = (key: SigningKey): Epochs => ({ keys: new Map([[FIRST_EPOCH, key]]), signs: FIRST_EPOCH })

/** Fewest bytes of a key. */
export const KEY_BYTES = 32
/** Begins the name of a key's field, before the number of its epoch. */
export const EPOCH_FIELD = 'epoch-'

/**
 * Reads `data` of the Secret: `signs` and `oldest` (1 unless said) are numbers of epochs, `epoch-N` are keys, N from 2
 * on. Keys older than `oldest` are left out. Throws with everything that is wrong with it, and quotes no key.
 */
export function readEpochs(data: Record<string, string> = {}): StoredEpochs {
  const errors: string[] = []
  const stored = new Map<number, SigningKey>()
  for (const [field, value] of Object.entries(data)) {
    if (field === 'signs' || field === 'oldest') continue
    const epoch = field.startsWith(EPOCH_FIELD) ? epochNumber(field.slice(EPOCH_FIELD.length)) : undefined
    const key = new Uint8Array(Buffer.from(value, 'base64'))
    if (epoch === undefined || epoch === FIRST_EPOCH)
      errors.push(`data.${field} is not known: there are signs, oldest and epoch-N, N a number from 2 on`)
    else if (key.length < KEY_BYTES) errors.push(`data.${field} must hold at least 32 bytes, it holds ${key.length}`)
    else if ([...stored.values()].some((other) => Buffer.compare(key, other) === 0))
      errors.push(`data.${field} must be a key of its own, it is that of another epoch`)
    else stored.set(epoch, key)
  }
  const text = (field: string) =>
    data[field] === undefined ? undefined : Buffer.from(data[field], 'base64').toString()
  const signs = epochNumber(text('signs')?.trim())
  const oldest = epochNumber((text('oldest') ?? '1').trim())
  if (signs === undefined || (signs !== FIRST_EPOCH && !(`${EPOCH_FIELD}${signs}` in data)))
    errors.push('data.signs must be the number of an epoch: 1, or the N of an epoch-N that is there')
  if (oldest === undefined || (signs !== undefined && oldest > signs))
    errors.push('data.oldest must be the number of an epoch, and not above data.signs')
  if (errors.length || signs === undefined || oldest === undefined) throw new Error(errors.join('; '))
  return { keys: new Map([...stored].filter(([epoch]) => epoch >= oldest)), signs, oldest }
}

/** With the key of the first epoch, as long as it holds. */
export function withFirst({ keys, signs, oldest }: StoredEpochs, first: SigningKey | undefined): Epochs {
  if (oldest > FIRST_EPOCH || !first) return { keys, signs }
  if ([...keys.values()].some((key) => Buffer.compare(key, first) === 0))
    throw new Error('the first key and one of an epoch-N are the same: each epoch has a key of its own')
  return { keys: new Map([[FIRST_EPOCH, first], ...keys]), signs }
}

/** The newest epoch that is known, whether it signs already or not. */
export const newestOf = ({ keys }: Epochs): number => Math.max(...keys.keys())

/** Whether two are the same, byte for byte. */
export const isSame = (one: Epochs, other: Epochs): boolean =>
  one.signs === other.signs &&
  one.keys.size === other.keys.size &&
  [...one.keys].every(([epoch, key]) => Buffer.compare(key, other.keys.get(epoch) ?? new Uint8Array()) === 0)
