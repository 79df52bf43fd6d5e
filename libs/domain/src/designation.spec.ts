import { describe, expect, it } from '@jest/globals';
import { displayNameFault, domainNameOf, domainOfUser, userDomainFault, userFault } from './designation.js';

describe('an assigned user', () => {
  it.each([
    ['ada@contoso.com', 'contoso.com'],
    ['Ada.Lovelace@Mail.Contoso.COM', 'mail.contoso.com'],
    ["o'neil@xn--mnchen-3ya.de", 'xn--mnchen-3ya.de'],
  ])('%s is of %s', (user, domain) => {
    expect(userFault(user)).toBeNull();
    expect(domainOfUser(user)).toBe(domain);
  });

  it.each([
    'ada',
    '@contoso.com',
    'ada@',
    'ada@contoso',
    'a b@contoso.com',
    'ada@x@contoso.com',
    `${'a'.repeat(113)}@c.de`,
  ])('%s is no principal name', (user) => {
    expect(userFault(user)?.code).toBe('user.malformed');
  });

  it('is of a domain of the tenant, whatever its case; a domain below or above is another one', () => {
    const domains = new Set(['contoso.com']);
    expect(userDomainFault('ada@CONTOSO.com', domains)).toBeNull();
    expect(userDomainFault('ada@mail.contoso.com', domains)?.code).toBe('user.domain-unknown');
    expect(userDomainFault('ada@fabrikam.com', domains)?.code).toBe('user.domain-unknown');
    expect(userDomainFault('ada@contoso.com', new Set())?.code).toBe('user.domain-unknown');
  });
});

describe('a domain', () => {
  it.each([
    [' Contoso.com ', 'contoso.com'],
    ['contoso', null],
    ['-a.com', null],
    ['a..com', null],
    [`${'a'.repeat(64)}.com`, null],
  ])('%j is written %j', (text, name) => {
    expect(domainNameOf(text)).toBe(name);
  });
});

describe('a display name', () => {
  it.each([
    ['Kiosk-7', null],
    ['123456789012345', 'name.only-digits'],
    ['A23456789012345', null],
    ['A234567890123456', 'name.too-long'],
    ['Front desk', 'name.character'],
    ['Empfänger', 'name.character'],
  ])('%s: %j', (name, code) => {
    expect(displayNameFault(name)?.code ?? null).toBe(code);
  });
});
