import { OUTPUT_NAME } from '../api/outputs.ts'
import { OUTPUTS_CONTAINER } from '../expand/names.ts'
import type { Pod } from './observed.ts'

/** How one of them begins: its name, and whether it is cut. */
const FRAME = /^([^+\n]{1,63})(\+?)\n/

/**
 * What stood in the files that are outputs, as the container says it that reads them; undefined where it has said
 * nothing. What is cut, by it or by the kubelet, ends with `…`.
 */
export function outputsIn(pod: Pod | undefined): Record<string, string> | undefined {
  const reader = pod?.status?.initContainerStatuses?.find(({ name }) => name === OUTPUTS_CONTAINER)
  const message = reader?.state?.terminated?.message ?? ''
  // somebody's own container of that name
  if (!message.includes('\0')) return undefined
  const frames = message.split('\0')
  // each of them ends with NUL: after the last one there is nothing, unless the kubelet has cut it
  const outputs = frames.flatMap((frame, index): [string, string][] => {
    const [head, name = '', mark] = FRAME.exec(frame) ?? []
    if (head === undefined || !OUTPUT_NAME.test(name)) return []
    const text = frame.slice(head.length).replace(CONTROLS, '')
    return [[name, mark || index === frames.length - 1 ? `${text.replace(HALF, '')}…` : text]]
  })
  return outputs.length ? Object.fromEntries(outputs) : undefined
}

/** What a terminal would obey. */
const CONTROLS = /[^\P{Cc}\t\n]/gu

/** What the kubelet makes of the first bytes of a character. */
const HALF = /\ufffd{1,3}$/
