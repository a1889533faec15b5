import type { World } from './world.ts'

export async function populate(_world: World, _size: number): Promise<void> {}
