package identity

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

const (
	developmentIssuer   = "urn:backline:development"
	developmentAudience = "backline"
	// developmentKeyFile is the name of the key in a data directory.
	developmentKeyFile = "development-issuer.pem"
	// maxDevelopmentToken is how long a token of development may be good.
	maxDevelopmentToken = 30 * 24 * time.Hour
)

// DevelopmentIssuer mints tokens that a server in development accepts.
type DevelopmentIssuer struct {
	private ed25519.PrivateKey
	keyID   string
}

// OpenDevelopmentIssuer reads the key in a data directory. With create it makes one where there is
// none, for this user's eyes only.
func OpenDevelopmentIssuer(dataDir string, create bool) (*DevelopmentIssuer, error) {
	path := filepath.Join(dataDir, developmentKeyFile)
	issuer, err := readDevelopmentIssuer(path)
	if !errors.Is(err, fs.ErrNotExist) || !create {
		return issuer, err
	}
	if err := writeDevelopmentKey(path); err != nil {
		return nil, fmt.Errorf("make the key of the development issuer: %w", err)
	}
	return readDevelopmentIssuer(path) // another process may have been first
}

func readDevelopmentIssuer(path string) (*DevelopmentIssuer, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the key of the development issuer: %w", err)
	}
	block, _ := pem.Decode(content)
	if block == nil {
		return nil, fmt.Errorf("read the key of the development issuer: %s is not a PEM file; delete it, and a new one is made", path)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	private, ok := parsed.(ed25519.PrivateKey)
	if err != nil || !ok {
		return nil, fmt.Errorf("read the key of the development issuer: %s holds no Ed25519 key; delete it, and a new one is made", path)
	}
	sum := sha256.Sum256(private.Public().(ed25519.PublicKey))
	return &DevelopmentIssuer{private, encoding.EncodeToString(sum[:9])}, nil
}

// writeDevelopmentKey makes a key. The file appears whole or not at all, and replaces none.
func writeDevelopmentKey(path string) error {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return err
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil { //nolint:gosec // as the databases beside it need
		return err
	}
	file, err := os.CreateTemp(filepath.Dir(path), developmentKeyFile+".*") // 0600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(file.Name()) }() // linked, or of no use
	err = errors.Join(pem.Encode(file, &pem.Block{Type: "PRIVATE KEY", Bytes: der}), file.Close())
	if err != nil {
		return err
	}
	if err := os.Link(file.Name(), path); !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}

// Person is whom a token of development stands for.
type Person struct {
	Subject string   // the node id of a customer or an employee, or a word for somebody who is neither
	Scopes  []string // such as staff and admin
	Plan    string   // the throttling plan; "" is the default
}

// Mint makes a token that is good for so long.
func (d *DevelopmentIssuer) Mint(p Person, now time.Time, lasts time.Duration) (string, error) {
	if lasts <= 0 || lasts > maxDevelopmentToken {
		return "", fmt.Errorf("a token can be good for up to %v", maxDevelopmentToken)
	}
	c := jwt.MapClaims{
		"iss": developmentIssuer, "aud": developmentAudience, "sub": p.Subject,
		"iat": now.Unix(), "exp": now.Add(lasts).Unix(),
	}
	if len(p.Scopes) > 0 {
		c["scope"] = strings.Join(p.Scopes, " ")
	}
	if p.Plan != "" {
		c["plan"] = p.Plan
	}
	t := jwt.NewWithClaims(jwt.SigningMethodEdDSA, c)
	t.Header["kid"] = d.keyID
	token, err := t.SignedString(d.private)
	if err != nil {
		return "", fmt.Errorf("mint a token: %w", err)
	}
	return token, nil
}

// trusted is the issuer as a server in development sees it.
func (d *DevelopmentIssuer) trusted(now func() time.Time) *trusted {
	public := key{id: d.keyID, kind: algorithms["EdDSA"], public: d.private.Public()}
	return newTrusted(
		Issuer{Issuer: developmentIssuer, Audience: stringList{developmentAudience}, Algorithms: stringList{"EdDSA"}},
		fixedKeys(developmentIssuer, public), now)
}
