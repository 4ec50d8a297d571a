package ingress

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"net/http"
	"strconv"
	"strings"

	"github.com/iade/iade/internal/payment"
)

// The pages that a customer's browser may see. They need no script, load nothing and lead nowhere.
var (
	//go:embed page.html
	pageHTML string
	//go:embed page.css
	pageStyle string

	pageTemplate = template.Must(template.New("").Parse(pageHTML))
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
	return page(http.StatusOK, "status", struct {
		Lang, ID string
		Text     pageText
		Style    template.CSS
	}{language, r.ID, pageTextOf(r.Status, language), template.CSS(pageStyle)}) //nolint:gosec // our own style sheet
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
	return page(status, "both", struct {
		TR, EN pageText
		Style  template.CSS
	}{texts["tr"], texts["en"], template.CSS(pageStyle)}) //nolint:gosec // our own style sheet
}

// page renders into memory first: a page of our own texts that does not render is a broken invariant.
func page(status int, name string, view any) Response {
	var body bytes.Buffer
	if err := pageTemplate.ExecuteTemplate(&body, name, view); err != nil {
		panic("ingress: a page did not render: " + err.Error())
	}
	header := browserHeader()
	header.Set("Content-Type", "text/html; charset=utf-8")
	return Response{status, header, body.Bytes()}
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
