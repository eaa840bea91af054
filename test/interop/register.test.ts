import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { registerJsonld } from '#register/papers/jsonld.ts'
import { registerCsv } from '#register/papers/register-csv.ts'
import { registerStatements } from '#register/papers/register-statements.ts'
import { writeRegister } from '#register/papers/written-register.ts'
import { runningTenant } from '../helpers/tenants.ts'

/* What other programs, Python's csv and rdflib, read in the register as a table and as JSON-LD. */

const python = (program: string, input: string) =>
  JSON.parse(execFileSync(process.env.TEST_PYTHON ?? 'python3', ['-c', program], { input, encoding: 'utf8' }))

const readTable = `
import csv, io, json, sys
text = io.TextIOWrapper(sys.stdin.buffer, encoding='utf-8-sig', newline='')
print(json.dumps(list(csv.reader(text, delimiter=';', strict=True))))`

test.each(['musterstadt', 'segeberg'])('the register of %s reads as a row for each statement', (slug) => {
  const register = writeRegister(runningTenant(slug), 'de')
  const [, ...rows] = python(readTable, registerCsv(register)) as string[][]
  expect(rows.map(([activity, title, , id, name, text]) => ({ activity, title, id, name, text }))).toEqual(
    registerStatements(register).map(({ kind: _, ...statement }) => statement),
  )
})

// Each list of names hangs on one property, so a property that is not understood shows as an empty list.
const readGraph = `
import json, rdflib, sys
graph = rdflib.Graph().parse(data=sys.stdin.read(), format='json-ld')
dpv = rdflib.Namespace('https://w3id.org/dpv#')
dct = rdflib.Namespace('http://purl.org/dc/terms/')
home = rdflib.URIRef('http://xmlns.com/foaf/0.1/homepage')
local = lambda term: str(term).split('#')[-1]
types = lambda process, prop: sorted(
  local(kind) for node in graph.objects(process, prop) for kind in graph.objects(node, rdflib.RDF.type))
def read(process):
  durations = [d for s in graph.objects(process, dpv.hasStorageCondition) for d in graph.objects(s, dpv.hasDuration)]
  return {
    'purposes': types(process, dpv.hasPurpose),
    'bases': types(process, dpv.hasLegalBasis),
    'fields': sum(1 for _ in graph.objects(process, dpv.hasPersonalData)),
    'periods': sorted(str(v) for d in durations for v in graph.objects(d, rdflib.RDF.value)),
    'processors': types(process, dpv.hasDataProcessor),
    'subjects': types(process, dpv.hasDataSubject),
    'rights': sorted(local(r) for r in graph.objects(process, dpv.hasRight)),
    'elsewhere': sorted(str(h) for e in graph.objects(process, dpv.isImplementedByEntity) for h in graph.objects(e, home)),
  }
processes = {str(graph.value(p, dct.identifier)): read(p) for p in graph.subjects(rdflib.RDF.type, dpv.Process)}
own = [o for o in graph.objects() if isinstance(o, rdflib.URIRef) and '.jsonld#' in o]
print(json.dumps({
  'processes': processes,
  'unexplained': sorted(set(str(o) for o in own if (o, None, None) not in graph)),
  'languages': sorted(set(l.language for l in graph.objects(None, dct.title) if l.language)),
}))`

test('the register reads as a graph in which every term is known or explained', () => {
  const running = runningTenant('segeberg')
  const document = registerJsonld(running, 'https://termine.example/segeberg/.well-known/privacy-register.jsonld')
  const { processes, unexplained, languages } = python(readGraph, JSON.stringify(document))
  expect(Object.keys(processes).sort()).toEqual([...running.activities.keys()].sort())
  expect([unexplained, languages]).toEqual([[], ['ar', 'de', 'en']])
  for (const { id, fields } of running.activities.values()) expect(processes[id].fields, id).toBe(fields.length)
  expect(processes['web.delivery']).toMatchObject({
    purposes: ['EnforceSecurity', 'ServiceMonitoring', 'TechnicalServiceProvision'],
    bases: ['A6-1-e', 'BDSG-3', 'TDDDG-25-2-No-2'],
    periods: ['P7D'],
    processors: ['DataProcessor'],
    subjects: ['DataSubject'],
    elsewhere: [],
  })
  expect(processes['case.file']).toMatchObject({
    bases: ['A6-1-e', 'A9-2-b', 'SGB-X-67c-1'],
    periods: ['P10Y'],
    processors: [],
    rights: ['A15', 'A16', 'A17', 'A18', 'A21', 'A77'],
    elsewhere: ['https://akte.segeberg.example/'],
  })
})
