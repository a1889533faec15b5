import { beforeAll, describe, expect, test } from 'bun:test'
import { theWorld } from '../e2e/world.ts'
import { allowedOf, PARTS } from './podfields.ts'
import { expectRestricted } from './restricted.ts'
import { asksFor, denied, theTenant } from './tenant.ts'

/*
 * Wanted: a pod that is less shut in. A field that a new Kubernetes brings makes the test red until somebody has put it into
 * a list.
 */

let schemas: Record<string, { properties: Record<string, unknown> }> = {}
beforeAll(async () => {
  const { client } = await theWorld()
  const { body } = await client.transport.request({ method: 'GET', path: '/openapi/v3/api/v1' })
  schemas = body.components.schemas
})

for (const { of, schema, fields, at, put, listed = allowedOf(fields), more = '' } of PARTS)
  describe(`a podTemplate and ${of}`, () => {
    test('every field that there is has been thought of', () => {
      const known = Object.keys(schemas[`io.k8s.api.core.v1.${schema}`]?.properties ?? {})
      // each volume has one
      expect([...Object.keys(fields), ...(schema === 'Volume' ? ['name'] : [])].sort()).toEqual(known.sort())
    })

    for (const [field, what] of Object.entries(fields))
      if ('given' in what)
        test.concurrent(`${field} is refused`, async () => {
          const { refused } = await asksFor(await theTenant(), { podTemplate: { spec: put({ [field]: what.given }) } })
          const path = `spec.podTemplate.spec.${at}${field}`
          if (what.words !== true) return expect(refused).toBe(denied(`${path}: ${what.words}`))
          const [begin, list = ''] = (refused ?? '').split(': cannot be set; allowed here: ')
          expect(begin).toBe(denied(path))
          expect(list.replace(more, '').split(', ').sort()).toEqual(listed.toSorted())
        })

    test.concurrent('whatever is allowed, all of it at once, the pod is as restricted as before', async () => {
      const given = Object.fromEntries(
        Object.entries(fields).flatMap(([field, what]) => ('allowed' in what ? [[field, what.allowed]] : [])),
      )
      // a volume, and a source of one, is of one kind
      const isChoice = schema === 'Volume' || schema === 'VolumeProjection'
      const each = isChoice ? Object.entries(given).map(([field, value]) => ({ [field]: value })) : [given]
      for (const one of each) await expectRestricted(put(one))
    })
  })
