"""Topics for `assertcheck explain`: pages that several rules point to."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files

_X5T = """\
# The right value of x5t and x5t#S256

Both name the certificate whose key signs. Both are made the same way: take the certificate's DER
octets, hash them, and write the digest in base64url without padding.

    x5t         SHA-1 of the DER, 20 octets, 27 characters
    x5t#S256    SHA-256 of the DER, 32 octets, 43 characters

Entra ID takes either; send x5t#S256 with PS256, or x5t where the other side is AD FS. The hash is
of the certificate as a whole, not of the PEM text, not of the public key, and the digest's octets
are encoded, not its hex digits.

Each of these reads cert.pem and prints x5t, then x5t#S256.

## Shell

```sh
for hash in sha1 sha256; do
  openssl x509 -in cert.pem -outform DER | openssl dgst -"$hash" -binary |
    openssl base64 -A | tr '+/' '-_' | tr -d '='
  echo
done
```

## Python

```python
import base64
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes

certificate = x509.load_pem_x509_certificate(Path("cert.pem").read_bytes())
for algorithm in (hashes.SHA1(), hashes.SHA256()):
    digest = certificate.fingerprint(algorithm)
    print(base64.urlsafe_b64encode(digest).rstrip(b"=").decode())
```

MSAL for Python makes the value itself, from the thumbprint in hex or, better, from the certificate:
`client_credential={"private_key": ..., "public_certificate": ...}`.

## Node

```javascript
const { createHash, X509Certificate } = require("node:crypto");
const { readFileSync } = require("node:fs");

const certificate = new X509Certificate(readFileSync("cert.pem"));
for (const algorithm of ["sha1", "sha256"]) {
  console.log(createHash(algorithm).update(certificate.raw).digest("base64url"));
}
```

MSAL for Node wants the thumbprint in hex, as hex digits alone: colons, spaces or an invisible
character in front make it stop there, without an error.

## C#

```csharp
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

var certificate = X509Certificate2.CreateFromPem(File.ReadAllText("cert.pem"));
foreach (var algorithm in new[] { HashAlgorithmName.SHA1, HashAlgorithmName.SHA256 })
{
    var digest = certificate.GetCertHash(algorithm);
    Console.WriteLine(
        Convert.ToBase64String(digest).TrimEnd('=').Replace('+', '-').Replace('/', '_'));
}
```

`certificate.Thumbprint` is the SHA-1 in hex, so it has to go through `Convert.FromHexString` first.

## PowerShell 7

```powershell
$path = (Resolve-Path cert.pem).Path
$certificate = [System.Security.Cryptography.X509Certificates.X509Certificate2]::new($path)
foreach ($algorithm in 'SHA1', 'SHA256') {
    $digest = $certificate.GetCertHash($algorithm)
    [Convert]::ToBase64String($digest).TrimEnd('=').Replace('+', '-').Replace('/', '_')
}
```

## How to see that it is right

Microsoft's own example: the thumbprint 84E05C1D98BCE3A5421D225B140B36E86A3D5534 is
hOBcHZi846VCHSJbFAs26Go9VTQ as x5t. Decoded to hex, your x5t has to be the thumbprint that the
portal shows for the certificate, and that openssl prints:

```sh
openssl x509 -in cert.pem -noout -fingerprint -sha1
```

Then check an assertion made with it:

    assertcheck verify assertion.jwt --cert cert.pem
"""

_ASSERTION = files("assertcheck.rules").joinpath("get_the_assertion.md").read_text("utf-8")

TOPICS: Mapping[str, str] = {"x5t": _X5T, "assertion": f"# Get the assertion\n\n{_ASSERTION}"}
"""Markdown by the name that `explain` takes, in lower case."""
