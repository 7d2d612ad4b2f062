package main

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"time"
)

func (b *bench) doorIssuers() string { return filepath.Join(b.temp, "issuers.json") }

// prepareDoorByID writes the manifest, and makes an issuer and a token of it.
func (b *bench) prepareDoorByID(context.Context) error {
	if err := b.writeManifest(); err != nil {
		return err
	}
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return err
	}
	const issuer, audience = "https://issuer.example", "backline-bench"
	keys := filepath.Join(b.temp, "jwks.json")
	for path, content := range map[string]any{
		keys: map[string]any{"keys": []any{map[string]string{
			"kty": "OKP", "crv": "Ed25519", "kid": "1", "alg": "EdDSA", "x": base64.RawURLEncoding.EncodeToString(public),
		}}},
		b.doorIssuers(): map[string]any{"issuer": issuer, "audience": audience, "algorithms": "EdDSA", "jwks": keys},
	} {
		text, err := json.Marshal(content)
		if err != nil {
			return err
		}
		if err := os.WriteFile(path, text, 0o600); err != nil {
			return err
		}
	}
	part := func(content map[string]any) string {
		text, err := json.Marshal(content)
		if err != nil { // texts and numbers can be encoded
			panic(err)
		}
		return base64.RawURLEncoding.EncodeToString(text)
	}
	signed := part(map[string]any{"alg": "EdDSA", "kid": "1"}) + "." + part(map[string]any{
		"iss": issuer, "aud": audience, "sub": "bench", "exp": time.Now().Add(24 * time.Hour).Unix(),
	})
	b.doorToken = signed + "." + base64.RawURLEncoding.EncodeToString(ed25519.Sign(private, []byte(signed)))
	return nil
}
