import { crd } from '../api/crd.ts'
import { GROUP } from '../api/kind.ts'
import { kinds } from '../api/kinds.ts'
import { crdYaml } from '../cli/crds.ts'
import { toYaml } from '../cli/print.ts'
import { AGGREGATED } from './aggregatedroles.ts'
import { ALERTS } from './alerts.ts'
import { dashboardText } from './monitoring.ts'
import { POLICIES } from './policies.ts'
import { RIGHTS } from './rights.ts'
import { valuesSchema, valuesTable, valuesYaml } from './valuesfile.ts'
import { WEBHOOK } from './webhookconfiguration.ts'

const CHART = 'charts/agentjob'
const README = `${CHART}/README.md`
const [START, END] = ['<!-- values -->', '<!-- end of values -->']

/** Folders of the chart that hold nothing but what is generated. */
export const generatedFolders: string[] = [`${CHART}/files`, `${CHART}/files/crds`]

/**
 * What the chart takes from the code: paths in the repository and their texts. Its templates say which objects there are;
 * what stands in them and must not drift (CRDs, rights, rules of admission, alerts, values) comes from here.
 */
export function chartFiles(o: { origin: string; readme: string }): Map<string, string> {
  const note = `# ${o.origin}\n`
  const yaml = (value: object) => `${note}${toYaml(value)}`
  const files = new Map([
    [`${CHART}/values.yaml`, `${note}\n${valuesYaml()}`],
    [`${CHART}/values.schema.json`, `${JSON.stringify({ $comment: o.origin, ...valuesSchema() }, null, 2)}\n`],
    [README, withValues(o.readme)],
    [`${CHART}/files/rights.yaml`, yaml({ ...RIGHTS, aggregated: AGGREGATED })],
    [`${CHART}/files/admission.yaml`, yaml({ webhook: WEBHOOK, policies: POLICIES })],
    [`${CHART}/files/rules.yaml`, yaml({ groups: ALERTS })],
    [`${CHART}/files/dashboard.json`, dashboardText()],
  ])
  for (const kind of kinds)
    files.set(`${CHART}/files/crds/${GROUP}_${kind.plural}.yaml`, `${note}${crdYaml(crd(kind))}`)
  return files
}

function withValues(readme: string): string {
  const [from, to] = [readme.indexOf(START), readme.indexOf(END)]
  if (from < 0 || to < from) throw new Error(`${README}: there is no ${START} with an ${END} behind it`)
  return `${readme.slice(0, from)}${START}\n${valuesTable()}\n${readme.slice(to)}`
}
