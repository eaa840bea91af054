import { shownTo } from '#features/contribution.ts'
import { type Context, contributed } from '#features/feature.ts'
import { hidden, page } from '#features/page.tsx'
import type { Response } from '#platform/http/response.ts'
import {
  Button,
  ButtonLink,
  Buttons,
  Callout,
  Checkbox,
  Form,
  Heading,
  Lead,
  List,
  PageTitle,
  Paragraph,
} from '#platform/ui/components.tsx'
import { cookieSentences } from '#register/notice/cookies.ts'
import { inLanguage } from '#register/register.ts'
import { cookieName, remembersAgreement, termsOf } from './agreement.ts'
import { routes } from './routes.ts'

/** The terms, and whether this browser remembers an agreement; works the same where cookies are blocked. */
export const termsPage = (context: Context): Response & { kind: 'page' } => {
  const { t, place, language, running } = context
  const terms = termsOf(running)
  const agreed = remembersAgreement(context)
  const [first] = shownTo(running, contributed(context.deps, 'entries'))
  return page(context, {
    title: t('terms.title'),
    stores: [t('terms.stores'), ...cookieSentences(running, cookieName, language)],
    body: (
      <>
        <PageTitle>{t('terms.title')}</PageTitle>
        <Lead>{t('terms.lead')}</Lead>
        <List items={terms?.points.map((point) => inLanguage(point, language)) ?? []} />
        <Paragraph muted>{t('terms.version', { version: terms?.version ?? '' })}</Paragraph>
        <Heading>{t('terms.yours')}</Heading>
        {agreed ? (
          <>
            <Callout title={t('terms.agreed')}>
              <p>{t('terms.agreedText')}</p>
            </Callout>
            <Form action={routes.takeBack.href(place, {})} hidden={hidden(context)}>
              <Buttons>
                {first && <ButtonLink href={first.route.href(place, {})}>{t(first.text)}</ButtonLink>}
                <Button variant="secondary">{t('terms.takeBack')}</Button>
              </Buttons>
            </Form>
          </>
        ) : (
          <>
            <Paragraph>{t('terms.open')}</Paragraph>
            <Form action={routes.terms.href(place, {})} hidden={hidden(context)}>
              <Button>{t('terms.agree')}</Button>
            </Form>
          </>
        )}
      </>
    ),
  })
}

/** The box to agree in a form: where the browser remembers nothing, or may not. Nothing for a tenant without terms. */
export const TermsBox = ({
  context,
  checked,
  error,
}: {
  context: Context
  checked: boolean
  error?: string | undefined
}) => {
  const { t, place, running, language } = context
  if (!termsOf(running)) return null
  const link = (
    <Paragraph>
      <a href={routes.terms.href(place, {})} target="_blank" rel="noopener">
        {t('terms.link')}
      </a>
    </Paragraph>
  )
  return (
    <>
      <Heading>{t('terms.title')}</Heading>
      {remembersAgreement(context) ? (
        <Paragraph>{t('terms.remembered')}</Paragraph>
      ) : (
        <Paragraph>{t('terms.ask')}</Paragraph>
      )}
      {link}
      {!remembersAgreement(context) && (
        <>
          <List items={cookieSentences(running, cookieName, language)} />
          <Checkbox name="bedingungen" label={t('terms.box')} checked={checked} error={error} />
        </>
      )}
    </>
  )
}
