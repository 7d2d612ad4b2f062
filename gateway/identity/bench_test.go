package identity_test

import (
	"testing"
	"time"

	"backline/gateway/identity"
)

// What a request pays: for a token that is remembered, for one that is verified, for a key, for garbage.
func BenchmarkAuthenticate(b *testing.B) {
	for _, algorithm := range []string{"RS256", "ES256", "EdDSA"} {
		s := makeSigners()[algorithm]
		d := open(b, identity.Config{Issuers: []identity.Issuer{publish(b, s).issuer(algorithm)}})
		token := s.sign(b, claims())
		r := bearer(b, token)
		b.Run(algorithm+"/remembered", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := d.Authenticate(r); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(algorithm+"/verified", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				d.Forget(token)
				if _, err := d.Authenticate(r); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(algorithm+"/forged", func(b *testing.B) {
			b.ReportAllocs()
			forged := bearer(b, token[:len(token)-8]+"AAAAAAAA")
			for b.Loop() {
				if _, err := d.Authenticate(forged); err == nil {
					b.Fatal("accepted")
				}
			}
		})
	}
	text, k := newKey(b, "one", time.Time{})
	d := open(b, identity.Config{KeyFile: keyFile(b, k)})
	good, bad := request(b, "X-API-Key: "+text), request(b, "X-API-Key: "+text[:61]+"!")
	b.Run("key", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := d.Authenticate(good); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("key/damaged", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := d.Authenticate(bad); err == nil {
				b.Fatal("accepted")
			}
		}
	})
	none := request(b)
	b.Run("nobody", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := d.Authenticate(none); err != nil {
				b.Fatal(err)
			}
		}
	})
}
