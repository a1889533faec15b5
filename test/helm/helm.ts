import { join } from 'node:path'
import { built, moduleVersion } from '../cluster/built.ts'
import { run } from '../cluster/exec.ts'
import type { Progress } from '../cluster/progress.ts'

const MODULE = 'helm.sh/helm/v4'

/** Path of Helm, in the version that go.mod asks for; built the first time that somebody wants it. Refuses without Go. */
export async function helm(progress: Progress): Promise<string> {
  const source = import.meta.dirname
  const version = await moduleVersion(join(source, 'go.mod'), MODULE)
  // else it calls itself v4.3+unreleased
  const stamps = `-X ${MODULE}/internal/version.version=${version} -X ${MODULE}/internal/version.metadata=`
  const flags = ['-trimpath', '-buildvcs=false', '-ldflags', `-s -w ${stamps}`]
  const folder = await built(
    {
      name: `helm ${version}`,
      takes: 'about 3 minutes',
      sources: ['go.mod', 'go.sum'].map((file) => join(source, file)),
      options: flags,
      build: async (to) => {
        await run('go', ['build', ...flags, '-o', `${to}/`, `${MODULE}/cmd/helm`], {
          cwd: source,
          env: { CGO_ENABLED: '0' },
        })
      },
    },
    progress,
  )
  return join(folder, 'helm')
}
