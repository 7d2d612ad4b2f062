package identity

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"slices"
)

// keyKind is what sort of key an algorithm signs with.
type keyKind struct {
	kty, crv string // as in a JWK; crv "" for RSA
}

// algorithms are those that may be configured. There is none with a shared secret: whoever could
// check such a token could also make one.
//
//nolint:gochecknoglobals // a constant, as far as Go has them
var algorithms = map[string]keyKind{
	"RS256": {"RSA", ""}, "RS384": {"RSA", ""}, "RS512": {"RSA", ""},
	"PS256": {"RSA", ""}, "PS384": {"RSA", ""}, "PS512": {"RSA", ""},
	"ES256": {"EC", "P-256"}, "ES384": {"EC", "P-384"}, "ES512": {"EC", "P-521"},
	"EdDSA": {"OKP", "Ed25519"},
}

// Sizes of RSA moduli: a smaller one can be factored, a larger one makes each check dear.
const (
	minModulus = 2048
	maxModulus = 8192
)

// key is a public key of a set.
type key struct {
	id        string
	kind      keyKind
	algorithm string // the only one that it is for; "" for all that fit
	public    crypto.PublicKey
}

// fits is whether tokens of an algorithm may be signed with the key.
func (k key) fits(algorithm string) bool {
	return k.kind == algorithms[algorithm] && (k.algorithm == "" || k.algorithm == algorithm)
}

// jwk is one key of a JWK set (RFC 7517), as far as it is read.
type jwk struct {
	Type       string   `json:"kty"`
	Curve      string   `json:"crv"`
	ID         string   `json:"kid"`
	Use        string   `json:"use"`
	Operations []string `json:"key_ops"`
	Algorithm  string   `json:"alg"`
	N          string   `json:"n"`
	E          string   `json:"e"`
	X          string   `json:"x"`
	Y          string   `json:"y"`
}

// maxKeys bounds the keys of a set that are read.
const maxKeys = 100

// readKeys reads a JWK set. Keys that are of no use here are left out, as RFC 7517 says (section 5);
// a set without a single useful one is an error.
func readKeys(content []byte) ([]key, error) {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(content, &set); err != nil {
		return nil, errors.New("it is not a JWK set")
	}
	if len(set.Keys) > maxKeys {
		return nil, fmt.Errorf("it has %d keys, more than %d", len(set.Keys), maxKeys)
	}
	var keys []key
	var last error
	for _, raw := range set.Keys {
		var j jwk
		if json.Unmarshal(raw, &j) != nil {
			continue
		}
		public, err := j.public()
		if err != nil {
			last = err
			continue
		}
		keys = append(keys, key{j.ID, keyKind{j.Type, j.Curve}, j.Algorithm, public})
	}
	if len(keys) == 0 {
		return nil, errors.Join(errors.New("it has no key that signatures could be checked with"), last)
	}
	return keys, nil
}

// public is the key itself.
func (j jwk) public() (crypto.PublicKey, error) {
	if j.Use != "" && j.Use != "sig" || j.Operations != nil && !slices.Contains(j.Operations, "verify") {
		return nil, errors.New("a key is not for signatures")
	}
	switch {
	case j.Type == "RSA" && j.Curve == "":
		return j.rsa()
	case j.Type == "EC" && j.Curve == "P-256":
		return j.ecdsa(elliptic.P256())
	case j.Type == "EC" && j.Curve == "P-384":
		return j.ecdsa(elliptic.P384())
	case j.Type == "EC" && j.Curve == "P-521":
		return j.ecdsa(elliptic.P521())
	case j.Type == "OKP" && j.Curve == "Ed25519":
		x, err := encoding.DecodeString(j.X)
		if err != nil || len(x) != ed25519.PublicKeySize {
			return nil, errors.New("an Ed25519 key has not 32 bytes")
		}
		return ed25519.PublicKey(x), nil
	}
	return nil, errors.New("a key is of a kind that is not used here")
}

func (j jwk) rsa() (crypto.PublicKey, error) {
	n, errN := encoding.DecodeString(j.N)
	e, errE := encoding.DecodeString(j.E)
	if errN != nil || errE != nil || len(e) > 4 {
		return nil, errors.New("an RSA key cannot be read")
	}
	public := &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(new(big.Int).SetBytes(e).Int64())}
	if bits := public.N.BitLen(); bits < minModulus || bits > maxModulus {
		return nil, fmt.Errorf("an RSA key has %d bits, not %d to %d", bits, minModulus, maxModulus)
	}
	if public.E < 3 || public.E%2 == 0 || public.N.Bit(0) == 0 {
		return nil, errors.New("an RSA key is none")
	}
	return public, nil
}

func (j jwk) ecdsa(curve elliptic.Curve) (crypto.PublicKey, error) {
	x, errX := encoding.DecodeString(j.X)
	y, errY := encoding.DecodeString(j.Y)
	size := (curve.Params().BitSize + 7) / 8
	if errX != nil || errY != nil || len(x) != size || len(y) != size {
		return nil, errors.New("an EC key cannot be read")
	}
	return ecdsa.ParseUncompressedPublicKey(curve, slices.Concat([]byte{4}, x, y))
}
