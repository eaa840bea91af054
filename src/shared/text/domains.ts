/** Domains of mail services that many people in Germany have their mailbox at, those first that most have; and some whose
 *  name is nearly such a one and real, so that nobody is asked about them. */
export const domains: readonly string[] = [
  'gmail.com web.de gmx.de gmx.net t-online.de hotmail.com hotmail.de outlook.com outlook.de yahoo.com yahoo.de icloud.com',
  'googlemail.com freenet.de aol.com aol.de live.com live.de msn.com me.com mac.com arcor.de posteo.de posteo.net',
  'mailbox.org proton.me protonmail.com pm.me tutanota.com tuta.io vodafone.de vodafonemail.de unitybox.de kabelmail.de',
  'o2mail.de o2online.de ewe.net ewetel.net netcologne.de htp-tel.de gmx.at gmx.ch gmx.com gmx.eu gmx.info gmx.biz gmx.org',
  'mail.com mail.de email.de email.com ymail.com rocketmail.com online.de 1und1.de online.com fastmail.com zoho.com hey.com',
  'hotmail.fr hotmail.it hotmail.es hotmail.co.uk outlook.fr outlook.es outlook.sa outlook.it yahoo.fr yahoo.it yahoo.es',
  'yahoo.gr yahoo.ro yahoo.co.uk live.fr live.it live.nl mailo.com',
  'mail.ru bk.ru list.ru inbox.ru yandex.ru yandex.com yandex.ua ya.ru rambler.ru ukr.net i.ua meta.ua abv.bg mail.bg',
  'wp.pl o2.pl onet.pl interia.pl op.pl gazeta.pl seznam.cz libero.it orange.fr free.fr mynet.com qq.com 163.com',
].flatMap((line) => line.split(' '))

/** Domains at which nobody has a mailbox, and what people who write them mean. */
export const mistaken: ReadonlyMap<string, string> = new Map([
  ['gmail.de', 'gmail.com'],
  ['googlemail.de', 'googlemail.com'],
  ['icloud.de', 'icloud.com'],
  ['t-online.com', 't-online.de'],
])
