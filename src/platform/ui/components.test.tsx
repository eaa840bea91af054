import { HtmlValidate } from 'html-validate'
import type { ComponentChildren, VNode } from 'preact'
import { renderToString } from 'preact-render-to-string'
import { describe, expect, test } from 'vitest'
import {
  Button,
  ButtonLink,
  Buttons,
  Callout,
  Card,
  Checkbox,
  Columns,
  DataNote,
  DateField,
  Details,
  ErrorSummary,
  Form,
  fieldId,
  Heading,
  Lead,
  List,
  PageTitle,
  Panel,
  Paragraph,
  PrintButton,
  Radios,
  Reference,
  SlotList,
  Steps,
  SummaryList,
  Table,
  Tag,
  TextArea,
  TextField,
} from '#platform/ui/components.tsx'
import { Document, type DocumentProps, renderDocument } from '#platform/ui/document.tsx'
import { look } from '#test/helpers/html.ts'

const notHere = (name: string): never => {
  throw new Error(`no island ${name} here`)
}

const aPage = (page: Partial<DocumentProps> & { children: ComponentChildren }): string =>
  renderDocument(
    <Document
      language="de"
      title="Termin"
      assets={{ styles: ['/assets/main.css'], script: '/assets/main.js', island: notHere }}
      skipText="Zum Inhalt"
      banner="Vorführung"
      header={{ jobcenter: 'Jobcenter Musterstadt', service: 'Anlaufstelle', href: '/musterstadt/' }}
      languageSwitch={{
        label: 'Sprache',
        links: [
          { language: 'de', name: 'Deutsch', href: '/musterstadt/', current: true },
          { language: 'ar', name: 'العربية', href: '/musterstadt/ar/', current: false },
        ],
      }}
      back={{ text: 'Zurück', href: '/musterstadt/' }}
      help={{ title: 'Hilfe', children: <p>Kommen Sie vorbei.</p> }}
      footer={{
        label: 'Rechtliches',
        links: [{ text: 'Datenschutz', href: '/musterstadt/datenschutz' }],
        note: 'Frei',
      }}
      {...page}
    />,
  )

const error = 'Das fehlt.'
const options = [
  { value: 'email', label: 'E-Mail', hint: 'Mit Bestätigung' },
  { value: 'phone', label: 'Telefon' },
]
const days = [
  { label: 'Montag', slots: [{ value: 'a', label: '08:00' }] },
  { label: 'Dienstag', slots: [{ value: 'b', label: '08:00' }] },
]
const fields: Record<string, VNode> = {
  name: <TextField name="name" label="Name" hint="Wie im Ausweis" error={error} autocomplete="name" />,
  topic: (
    <TextArea
      name="topic"
      label="Anliegen"
      error={error}
      count={{ max: 100, hint: 'Bis 100 Zeichen', remaining: { other: '{n} frei' }, over: { other: '{n} zu viel' } }}
    />
  ),
  birth: (
    <DateField
      name="birth"
      legend="Geburtsdatum"
      hint="Zum Beispiel 27 3 1984"
      labels={{ day: 'Tag', month: 'Monat', year: 'Jahr' }}
      error={error}
      birthday
    />
  ),
  channel: <Radios name="channel" legend="Weg" options={options} error={error} />,
  consent: <Checkbox name="consent" label="Einverstanden" hint="Widerruf möglich" error={error} />,
  slot: <SlotList name="slot" legend="Zeit" days={days} error={error} />,
}

const everything = (
  <>
    <Steps current={2} total={5} label="Schritt 2 von 5" />
    <ErrorSummary title="Bitte prüfen" errors={Object.keys(fields).map((field) => ({ field, text: error + field }))} />
    <PageTitle caption="Termin">Ihre Angaben</PageTitle>
    <Lead>Kurz und gut.</Lead>
    <Callout kind="warning" title="Wichtig">
      <Paragraph muted>Bitte lesen.</Paragraph>
    </Callout>
    <Form action="/weiter" hidden={{ token: 't' }}>
      {Object.values(fields)}
      <SummaryList
        rows={[
          { label: 'Name', value: 'A. B.', change: { text: 'Ändern', about: 'Name', href: '/name' } },
          { label: 'Zeit', value: '8 Uhr', change: { text: 'Ändern', about: 'Zeit', name: 'to', value: 'time' } },
        ]}
      />
      <DataNote title="Wir speichern">
        <p>Ihren Namen</p>
      </DataNote>
      <Buttons>
        <Button>Weiter</Button>
        <Button variant="danger" name="do" value="delete" formAction="/weg">
          Löschen
        </Button>
        <ButtonLink href="/start">Start</ButtonLink>
        <PrintButton>Drucken</PrintButton>
      </Buttons>
    </Form>
    <Heading>Mehr</Heading>
    <Columns>
      <Card title="Wartezeiten" level={3} href="/wartezeiten" icon="clock">
        <p>Jetzt</p>
      </Card>
    </Columns>
    <Details summary="Fragen">
      <List ordered items={['eins', <Reference key="r">K7M</Reference>]} />
    </Details>
    <Table caption="Heute" columns={[{ label: 'Ort' }, { label: 'Minuten', numeric: true }]} rows={[['Nord', '5']]} />
    <Tag kind="success">offen</Tag>
  </>
)

/** The element with this id. */
const withId = (html: string, id: string) => look(html).find(`[id="${id}"]`)

describe('a field with an error', () => {
  test.each(Object.keys(fields))('%s: the summary leads to the field and the field names its error', (name) => {
    const html = renderToString(fields[name] as VNode)
    const summary = renderToString(<ErrorSummary title="Bitte prüfen" errors={[{ field: name, text: error }]} />)
    expect(summary).toContain(`href="#${fieldId(name)}"`)
    expect(withId(html, fieldId(name)).is('input, textarea')).toBe(true)
    expect(withId(html, `${fieldId(name)}-error`).text).toContain(error)
    expect(look(html).all(`[aria-describedby~="${fieldId(name)}-error"]`)).not.toEqual([])
    expect(look(html).all('[aria-invalid=true]')).not.toEqual([])
  })

  test('of a date can point at one of its boxes', () => {
    const html = renderToString(
      <DateField name="on" legend="Tag" labels={{ day: 'T', month: 'M', year: 'J' }} error={error} wrong={['month']} />,
    )
    expect(withId(html, fieldId('on.month')).is('[aria-invalid]')).toBe(true)
    expect(withId(html, fieldId('on.year')).is('[aria-invalid]')).toBe(false)
  })

  test('is said first in the title of its page', () => {
    expect(aPage({ hasErrors: true, errorPrefix: 'Fehler: ', children: null })).toContain(
      '<title>Fehler: Termin</title>',
    )
  })
})

test('what was typed comes back as text, never as markup', () => {
  const html = renderToString(<TextArea name="topic" label="Anliegen" value="</textarea><script>" />)
  expect(html).toContain('&lt;/textarea>&lt;script>')
})

// Preact closes empty elements the XML way: a matter of taste, not of validity.
const validator = new HtmlValidate({ extends: ['html-validate:recommended'], rules: { 'void-style': 'off' } })
const problems = async (html: string) =>
  (await validator.validateString(html)).results.flatMap(({ messages }) =>
    messages.map(({ ruleId, message, selector }) => `${ruleId} at ${selector}: ${message}`),
  )

test('a page with every component is valid HTML without inline script or style', async () => {
  expect(await problems(aPage({ children: everything }))).toEqual([])
  const confirmation = <Panel title="Gebucht" label="Nummer" reference="K7M" />
  expect(await problems(aPage({ noindex: true, children: confirmation }))).toEqual([])
})

test('an Arabic page runs from right to left, and its link to German says so', () => {
  const html = aPage({
    language: 'ar',
    languageSwitch: {
      label: 'اللغة',
      links: [
        { language: 'ar', name: 'العربية', href: '/musterstadt/ar/', current: true },
        { language: 'de', name: 'Deutsch', href: '/musterstadt/', current: false },
      ],
    },
    children: null,
  })
  expect(html).toContain('<html lang="ar" dir="rtl">')
  expect(html).toContain('<a href="/musterstadt/" lang="de" dir="ltr" hreflang="de">Deutsch</a>')
})
