package console

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"net/http"

	"github.com/iade/iade/internal/loopback"
)

const (
	sessionCookie = "iade_session"
	formField     = "form"
	// maxForm bounds the body of a form.
	maxForm = 64 << 10
)

// policy lets a page load its own style and pictures and send its forms home, and nothing else.
const policy = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// secure sets what every answer carries: nothing is kept, framed, sniffed, or told to the next site.
func secure(header http.Header) {
	header.Set("Cache-Control", "no-store")
	header.Set("Content-Security-Policy", policy)
	header.Set("Cross-Origin-Opener-Policy", "same-origin")
	header.Set("Cross-Origin-Resource-Policy", "same-origin")
	header.Set("Referrer-Policy", "same-origin") // with no-referrer a browser sends a form's Origin as "null", and the door refuses it
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("X-Frame-Options", "DENY")
}

// refusedAtTheDoor says why a request is not looked at, "" if it is. Without tokens only this machine is served, under a name of
// its own; with tokens a foreign name is harmless, because the cookie stays away from it.
func (c *Console) refusedAtTheDoor(r *http.Request) string {
	if !c.Login && !loopback.Host(r.Host) {
		return "Nothing was done. This console answers only under a loopback name, such as http://127.0.0.1 or http://localhost."
	}
	own := []string{"http://" + r.Host}
	if c.Login {
		own = append(own, "https://"+r.Host) // where other machines reach it, something that speaks TLS stands in front
	}
	if loopback.FromAnotherPage(r, own...) {
		return "Nothing was done. Web pages of another origin may not use this console."
	}
	return ""
}

// keepSession gives the browser's session, and begins one where there is none. It names nobody: forms are bound to it.
func keepSession(w http.ResponseWriter, r *http.Request) string {
	if kept, err := r.Cookie(sessionCookie); err == nil && len(kept.Value) >= 26 && len(kept.Value) <= 64 {
		return kept.Value
	}
	session := rand.Text()
	//nolint:gosec // Secure wherever the page itself is: over plain HTTP the console is on this machine alone
	http.SetCookie(w, &http.Cookie{Name: sessionCookie, Value: session, Path: Root, HttpOnly: true, Secure: r.TLS != nil, SameSite: http.SameSiteLaxMode})
	return session
}

// formToken is what a form of a session carries. A page of another origin cannot read it.
func (c *Console) formToken(session string) string {
	mac := hmac.New(sha256.New, c.secret)
	mac.Write([]byte(session))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// formIsOurs tells whether a request was sent by a form that this console drew for this browser.
func (c *Console) formIsOurs(v *visit) bool {
	v.r.Body = http.MaxBytesReader(v.w, v.r.Body, maxForm)
	if v.r.ParseForm() != nil {
		return false
	}
	return hmac.Equal([]byte(v.r.PostForm.Get(formField)), []byte(c.formToken(v.session)))
}
