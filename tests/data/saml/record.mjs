// Records what the service-provider libraries of npm send; README.md says how to run it.
//
// Clock and random ids are fixed, and PKCS #1 v1.5 has no salt: run again, it writes the same.

import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { promisify } from "node:util";

const require = createRequire(join(process.cwd(), "package.json"));
const samples = new URL("../../../sample_certs/", import.meta.url);
const KEY = readFileSync(new URL("keys/rsa-2048.pem", samples), "utf8");
const BODY = readFileSync(new URL("rsa-2048.pem", samples), "utf8").replace(/[^]*?(?=-----B)/, "");
const ENTITY = "https://app.example.com/saml/metadata";
const ACS = "https://app.example.com/saml/acs";
const SIGN_IN = "https://login.microsoftonline.com/aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee/saml2";

const STATES = {
  none: undefined,
  plain: "abc-123_4.5",
  url: "https://app.example.com/start?a=1&b=2",
  space: "two words",
  tilde: "~home",
  bang: "go!",
  quote: "it's",
  parentheses: "a(b)",
  accent: "Zoë-€",
};

const fixed = Date.parse("2026-01-15T12:00:00.000Z");
globalThis.Date = class extends Date {
  constructor(...given) {
    super(...(given.length ? given : [fixed]));
  }
  static now() {
    return fixed;
  }
};
const crypto = require("crypto");
let made = 0;
crypto.randomBytes = (size) => Buffer.alloc(size, ++made % 256);
crypto.randomUUID = () => `11111111-0000-4000-8000-${String(++made).padStart(12, "0")}`;

const recorded = [];

function keep(library, alias, name, sent, relayState) {
  const { version } = JSON.parse(
    readFileSync(join(process.cwd(), "node_modules", alias, "package.json"), "utf8"),
  );
  recorded.push({ library, version, name, relay_state: relayState ?? null, sent });
}

const form = (fields) => new URLSearchParams(fields).toString();

async function nodeSaml(alias, library, SAML, more = {}) {
  const made = (options) =>
    new SAML({
      issuer: ENTITY,
      callbackUrl: ACS,
      entryPoint: SIGN_IN,
      idpCert: BODY,
      cert: BODY,
      privateKey: KEY,
      ...more,
      ...options,
    });
  const url = (saml, state) => {
    if (saml.getAuthorizeUrlAsync) return saml.getAuthorizeUrlAsync(state, undefined, {});
    const request = { query: state === undefined ? {} : { RelayState: state }, body: {} };
    return promisify(saml.getAuthorizeUrl.bind(saml))(request, {});
  };
  const page = (saml, state) => {
    if (saml.getAuthorizeFormAsync) return saml.getAuthorizeFormAsync(state);
    const request = { query: {}, body: state === undefined ? {} : { RelayState: state } };
    return promisify(saml.getAuthorizeForm.bind(saml))(request);
  };
  const note = (...rest) => keep(library, alias, ...rest);
  note("redirect, unsigned", await url(made({ privateKey: undefined, privateCert: undefined })));
  note("redirect, signed by default", await url(made({})));
  for (const [name, state] of Object.entries(STATES)) {
    const sent = await url(made({ signatureAlgorithm: "sha256" }), state);
    note(`redirect, SHA-256, RelayState: ${name}`, sent, state);
  }
  const hint = { additionalAuthorizeParams: { login_hint: "user@example.com" } };
  note("redirect, SHA-256, login_hint", await url(made({ signatureAlgorithm: "sha256", ...hint })));
  note("form, signed by default", await page(made({})));
  note("form, SHA-256", await page(made({ signatureAlgorithm: "sha256" }), STATES.url), STATES.url);
  const plain = { signatureAlgorithm: "sha256", skipRequestCompression: true };
  note("form, SHA-256, not compressed", await page(made(plain)));
}

function samlify(alias) {
  const { ServiceProvider, IdentityProvider, Constants } = require(alias);
  const { namespace } = Constants;
  const idp = IdentityProvider({
    entityID: "https://sts.windows.net/aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee/",
    wantAuthnRequestsSigned: true,
    signingCert: BODY,
    singleSignOnService: ["redirect", "post", "simpleSign"].map((name) => ({
      Binding: namespace.binding[name],
      Location: SIGN_IN,
    })),
  });
  const open = IdentityProvider({
    entityID: "https://sts.windows.net/aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee/",
    signingCert: BODY,
    singleSignOnService: [{ Binding: namespace.binding.redirect, Location: SIGN_IN }],
  });
  const made = (options) =>
    ServiceProvider({
      entityID: ENTITY,
      authnRequestsSigned: true,
      privateKey: KEY,
      signingCert: BODY,
      assertionConsumerService: [{ Binding: namespace.binding.post, Location: ACS }],
      ...options,
    });
  const note = (...rest) => keep("samlify", alias, ...rest);
  const unsigned = made({ authnRequestsSigned: false });
  note("redirect, unsigned", unsigned.createLoginRequest(open, "redirect").context);
  for (const [name, relayState] of Object.entries(STATES)) {
    const sent = made({ relayState }).createLoginRequest(idp, "redirect").context;
    note(`redirect, SHA-256, RelayState: ${name}`, sent, relayState);
  }
  const sha1 = { requestSignatureAlgorithm: "http://www.w3.org/2000/09/xmldsig#rsa-sha1" };
  note("redirect, SHA-1", made(sha1).createLoginRequest(idp, "redirect").context);
  const posted = made({ relayState: STATES.url }).createLoginRequest(idp, "post");
  note(
    "form, signed by default",
    form({ SAMLRequest: posted.context, RelayState: STATES.url }),
    STATES.url,
  );
  const simple = made({}).createLoginRequest(idp, "simpleSign");
  note(
    "form, HTTP-POST-SimpleSign",
    form({ SAMLRequest: simple.context, SigAlg: simple.sigAlg, Signature: simple.signature }),
  );
}

async function saml2js(alias) {
  const { ServiceProvider, IdentityProvider } = require(alias);
  const sp = new ServiceProvider({
    entity_id: ENTITY,
    assert_endpoint: ACS,
    private_key: KEY,
    certificate: BODY,
  });
  const idp = new IdentityProvider({
    sso_login_url: SIGN_IN,
    sso_logout_url: SIGN_IN,
    certificates: [BODY],
  });
  const url = promisify(sp.create_login_request_url.bind(sp));
  const note = (...rest) => keep("saml2-js", alias, ...rest);
  note("redirect, unsigned", await url(idp, {}));
  for (const [name, state] of Object.entries({ ...STATES, empty: "" })) {
    const sent = await url(idp, { sign_get_request: true, relay_state: state });
    note(`redirect, SHA-256, RelayState: ${name}`, sent, state);
  }
  const xml = sp.create_authn_request_xml(idp, {});
  note("form, signed by default", form({ SAMLRequest: Buffer.from(xml).toString("base64") }));
  const sha1 = { signatureAlgorithm: "http://www.w3.org/2000/09/xmldsig#rsa-sha1" };
  const weak = sp.create_authn_request_xml(idp, sha1);
  note("form, SHA-1", form({ SAMLRequest: Buffer.from(weak).toString("base64") }));
}

const node5 = "@node-saml/node-saml";
await nodeSaml(node5, "node-saml", require(node5).SAML);
await nodeSaml("node-saml-4", "node-saml", require("node-saml-4").SAML);
await nodeSaml("passport-saml-3", "passport-saml", require("passport-saml-3").SAML);
await nodeSaml("passport-saml-1", "passport-saml", require("passport-saml-1/lib/passport-saml/saml").SAML, {
  privateCert: KEY,
});
samlify("samlify");
await saml2js("saml2-js");

const text = `${JSON.stringify(recorded, null, 1)}\n`;
writeFileSync(new URL("requests.json", import.meta.url), text);
