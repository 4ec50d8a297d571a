package ingress

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html"
	"net/http"
	"strconv"
	"strings"

	"github.com/iade/iade/internal/payment"
)

// The pages that a customer's browser may see. They need no script, load nothing and lead nowhere.
var (
	//go:embed page.css
	pageStyle string

	// pagePolicy allows the one style sheet by its hash, and nothing else.
	pagePolicy = "default-src 'none'; style-src 'sha256-" + styleHash() + "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

func styleHash() string {
	sum := sha256.Sum256([]byte(pageStyle))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// browserHeader is what every answer to a browser carries: nothing is kept, framed, sniffed, or told to the next site.
func browserHeader() http.Header {
	header := http.Header{}
	header.Set("Cache-Control", "no-store")
	header.Set("Content-Security-Policy", pagePolicy)
	header.Set("Cross-Origin-Opener-Policy", "same-origin")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("X-Frame-Options", "DENY")
	return header
}

// pageText is one page in one language.
type pageText struct {
	Title     string
	Says      []string
	NextTitle string
	Next      []string
	Otherwise string
	Reference string
}

// statusPage tells the customer what happens next. It says no more than is known: iyzico's return is the same after a yes
// and a no.
func statusPage(r payment.Resource, language string) Response {
	text := pageTextOf(r.Status, language)
	var p pageBody
	p.tag("h1", text.Title)
	p.tags("p", text.Says)
	if len(text.Next) > 0 {
		p.tag("h2", text.NextTitle)
		p.WriteString("<ol>\n")
		p.tags("li", text.Next)
		p.WriteString("</ol>\n")
		p.tag("p", text.Otherwise)
	}
	p.WriteString(`<p class="reference">` + html.EscapeString(text.Reference) + ` <span translate="no">` + html.EscapeString(r.ID) + "</span></p>\n")
	return p.page(http.StatusOK, language, text.Title)
}

// notFoundPage is the one answer to everything that does not verify. It is in both languages at once, so that it does not
// depend on the request.
func notFoundPage() Response { return bothPage(http.StatusNotFound, notFoundTexts) }

// unavailablePage answers a return that could not be looked at: asking again is safe.
func unavailablePage() Response {
	response := bothPage(http.StatusServiceUnavailable, unavailableTexts)
	setRetryAfter(response, 0, codeReplies[payment.CodeUnavailable].retryAfter)
	return response
}

func bothPage(status int, texts map[string]pageText) Response {
	tr, en := texts["tr"], texts["en"]
	var p pageBody
	p.WriteString("<h1>" + html.EscapeString(tr.Title) + ` <span lang="en">/ ` + html.EscapeString(en.Title) + "</span></h1>\n")
	p.tags("p", tr.Says)
	p.WriteString("<div lang=\"en\">\n")
	p.tags("p", en.Says)
	p.WriteString("</div>\n")
	return p.page(status, "tr", tr.Title+" / "+en.Title)
}

// pageBody is what stands in a page's main part. Its texts are escaped: a template would do that too, and its package makes every
// function half as large again, for what looks methods up by name keeps the linker from leaving any out.
type pageBody struct{ strings.Builder }

func (p *pageBody) tag(name, text string) {
	p.WriteString("<" + name + ">" + html.EscapeString(text) + "</" + name + ">\n")
}

func (p *pageBody) tags(name string, texts []string) {
	for _, text := range texts {
		p.tag(name, text)
	}
}

// page is the whole page.
func (p *pageBody) page(status int, language, title string) Response {
	header := browserHeader()
	header.Set("Content-Type", "text/html; charset=utf-8")
	return Response{status, header, []byte(`<!doctype html>
<html lang="` + html.EscapeString(language) + `">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>` + html.EscapeString(title) + `</title>
<style>` + pageStyle + `</style>
</head>
<body>
<main>
` + p.String() + `</main>
</body>
</html>
`)}
}

// pageLanguage is tr or en: what the shop asked for, else what the browser prefers, else Turkish.
func pageLanguage(asked string, accept []string) string {
	if asked == "tr" || asked == "en" {
		return asked
	}
	best, weight := "tr", 0
	for _, part := range strings.Split(strings.Join(accept, ","), ",") {
		tag, parameter, _ := strings.Cut(part, ";")
		language, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(tag)), "-")
		if q := quality(parameter); (language == "tr" || language == "en") && q > weight {
			best, weight = language, q
		}
	}
	return best
}

// quality reads q=0 to q=1 with at most three decimals (RFC 9110 §12.4.2) as thousandths; 1 where it is not said, and 0
// for what is no quality.
func quality(parameter string) int {
	text, ok := strings.CutPrefix(strings.TrimSpace(parameter), "q=")
	if !ok {
		return 1000
	}
	whole, decimals, _ := strings.Cut(text, ".")
	thousandths, err := strconv.Atoi(whole + (decimals + "000")[:3])
	if err != nil || len(whole) != 1 || len(decimals) > 3 || thousandths < 0 || thousandths > 1000 {
		return 0
	}
	return thousandths
}
