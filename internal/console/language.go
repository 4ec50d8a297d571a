package console

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/iade/iade/internal/words"
)

const (
	languageCookie = "iade_language"
	languagePath   = "/console/language/"
)

// languageOf is the language that was chosen in this browser, else the one that the browser prefers, else English.
func languageOf(r *http.Request) words.Language {
	if kept, err := r.Cookie(languageCookie); err == nil {
		if chosen := words.Language(kept.Value); chosen == words.Turkish || chosen == words.English {
			return chosen
		}
	}
	best, weight := words.English, 0.0
	for _, part := range strings.Split(strings.Join(r.Header.Values("Accept-Language"), ","), ",") {
		tag, parameter, _ := strings.Cut(part, ";")
		name, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(tag)), "-")
		q := 1.0
		if written, ok := strings.CutPrefix(strings.TrimSpace(parameter), "q="); ok {
			q, _ = strconv.ParseFloat(written, 64) //nolint:forbidigo // a weight, and no money; what is no number weighs nothing
		}
		if l := words.Language(name); (l == words.Turkish || l == words.English) && q > weight {
			best, weight = l, q
		}
	}
	return best
}

// chooseLanguage keeps a choice for a year, and leads back.
func (c *Console) chooseLanguage(v *visit) {
	chosen := words.Language(v.r.PathValue("language"))
	if chosen != words.Turkish && chosen != words.English {
		c.nothing(v)
		return
	}
	//nolint:gosec // a choice, and no secret: it works over plain HTTP on this machine too
	http.SetCookie(v.w, &http.Cookie{
		Name: languageCookie, Value: string(chosen), Path: Root, MaxAge: int(365 * 24 * time.Hour / time.Second), HttpOnly: true, Secure: v.r.TLS != nil,
		SameSite: http.SameSiteLaxMode,
	})
	http.Redirect(v.w, v.r, ownPath(v.r.URL.Query().Get("back")), http.StatusSeeOther)
}
