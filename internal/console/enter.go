package console

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"net/http"
	"strings"

	"github.com/iade/iade/internal/words"
)

const (
	enterPath = "/console/enter/"
	keyCookie = "iade_key"
)

// EnterPath is the path at which who started the console enters it; the key is part of it.
func (c Config) EnterPath() string {
	if c.Key == "" {
		return Root
	}
	return enterPath + c.Key
}

// enter lets a browser in that brings the key, and takes the key out of the address.
func (c *Console) enter(w http.ResponseWriter, r *http.Request) {
	if c.Key != "" && same(strings.TrimPrefix(r.URL.Path, enterPath), c.Key) {
		//nolint:gosec // Secure wherever the page itself is: over plain HTTP the console is on this machine alone
		http.SetCookie(w, &http.Cookie{Name: keyCookie, Value: c.keyProof(), Path: Root, HttpOnly: true, Secure: r.TLS != nil, SameSite: http.SameSiteStrictMode})
	}
	http.Redirect(w, r, Root, http.StatusSeeOther)
}

// keyProof is what the browser keeps in place of the key: worthless once the console ends.
func (c *Console) keyProof() string {
	sum := sha256.Sum256(append([]byte(c.Key), c.secret...))
	return hex.EncodeToString(sum[:])
}

// hasKey tells whether a request comes from a browser that was let in.
func (c *Console) hasKey(r *http.Request) bool {
	if c.Key == "" {
		return true
	}
	kept, err := r.Cookie(keyCookie)
	return err == nil && same(kept.Value, c.keyProof())
}

// locked answers who was not let in. It asks the API nothing.
func (c *Console) locked(v *visit) {
	v.bare = true
	c.notice(v, http.StatusForbidden, notice{Bad: true, Title: words.Text{"Open the address that the terminal shows", "Terminalde gösterilen adresi açın"}, Says: []string{words.Text{
		"This console acts with the credentials of who started it. Nothing was done.",
		"Bu konsol, onu başlatanın kimlik bilgileriyle çalışır. Hiçbir şey yapılmadı.",
	}.In(v.lang)}})
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
