import { withoutDefaults } from '../api/defaults.ts'
import { hash } from '../api/hash.ts'
import { givenToPods } from './everypod.ts'
import { Settings } from './settings.ts'

/**
 * Hash of the settings that stand in the pods of agents, by which the controller finds expansions that were made by others;
 * 16 hex digits. Undefined where all of them are the defaults, also where those are spelled out: another default is another
 * rendering, and raises RENDERER. What is not in it the controller tells by other signs: `egress` of an expansion is its own
 * hash, because policies follow the present where something is in the way, and all else stays as it was; by its look-ups an
 * expansion tells `libraryNamespace`, and by its children `clusterAccess`.
 */
export function settingsHash(settings: Pick<Settings, 'pods' | 'images'>): string | undefined {
  const pods = givenToPods(settings)
  const images = withoutDefaults(Settings.shape.images, settings.images)
  return pods || images ? hash({ ...pods, images }, 16) : undefined
}
