package console

import (
	"context"
	"net/http"
	"strings"

	"github.com/iade/iade/internal/words"
)

const (
	tokenCookie = "iade_token"
	loginPath   = "/console/login"
	logoutPath  = "/console/logout"
	maxToken    = 4096
)

type tokenKey struct{}

// withToken makes the API's callers of this context bring a token.
func withToken(ctx context.Context, token string) context.Context {
	return context.WithValue(ctx, tokenKey{}, token)
}

func tokenIn(ctx context.Context) string {
	token, _ := ctx.Value(tokenKey{}).(string)
	return token
}

// tokenOf is the token that the browser keeps, "" if it has none.
func tokenOf(r *http.Request) string {
	kept, err := r.Cookie(tokenCookie)
	if err != nil || !isToken(kept.Value) {
		return ""
	}
	return kept.Value
}

// isToken tells whether a text may go into a header and a cookie as it is.
func isToken(s string) bool {
	return s != "" && len(s) <= maxToken && !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`",;\`, r) })
}

// loginView is the page that asks for a token.
type loginView struct {
	Back  string
	Fault string
}

func (c *Console) showLogin(v *visit, status int, fault words.Text) {
	back := Root
	if v.r.Method == http.MethodGet && v.r.URL.Path != loginPath {
		back = v.r.URL.RequestURI()
	}
	c.show(v, status, "login", words.Text{"Sign in", "Giriş"}.In(v.lang), loginView{ownPath(back), fault.In(v.lang)})
}

// login keeps a token that the API knows in the browser. No script can read it there, and no other site's request brings it.
func (c *Console) login(v *visit) {
	token := strings.TrimSpace(v.r.PostForm.Get("token"))
	if !isToken(token) {
		c.showLogin(v, http.StatusBadRequest, words.Text{"Give the token that you were given: visible characters, no blanks.", "Size verilen belirteci girin: boşluksuz, görünür karakterler."})
		return
	}
	v.ctx = withToken(v.ctx, token)
	if err := c.get(v.ctx, "/operations?limit=1", nil); err != nil && asRefusal(err).Status == http.StatusUnauthorized {
		c.refuse(v, err)
		return
	}
	c.keepToken(v, token, 0)
	http.Redirect(v.w, v.r, ownPath(v.r.PostForm.Get("back")), http.StatusSeeOther)
}

func (c *Console) logout(v *visit) {
	c.keepToken(v, "", -1)
	http.Redirect(v.w, v.r, Root, http.StatusSeeOther)
}

func (c *Console) keepToken(v *visit, token string, age int) {
	//nolint:gosec // Secure wherever the page itself is: over plain HTTP the console is on this machine alone
	http.SetCookie(v.w, &http.Cookie{
		Name: tokenCookie, Value: token, Path: Root, MaxAge: age, HttpOnly: true, Secure: v.r.TLS != nil, SameSite: http.SameSiteStrictMode,
	})
}

// ownPath is a path of this console, the first page for anything else.
func ownPath(path string) string {
	if !strings.HasPrefix(path, Root) || strings.ContainsAny(path, "\\\r\n") {
		return Root
	}
	return path
}
