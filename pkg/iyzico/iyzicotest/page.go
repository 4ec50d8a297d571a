package iyzicotest

import (
	"embed"
	"html/template"
	"net/http"
	"net/url"
	"regexp"
)

// pagePath is where the customer confirms a refund to balance; the token follows as the last element.
const pagePath = "/refund-to-balance/"

// smsCode is the code of iyzico's sandbox (docs/iyzico.md §9).
const smsCode = "123456"

//go:embed page.html
var pageFiles embed.FS

var pageTemplate = template.Must(template.ParseFS(pageFiles, "page.html"))

// pageView is what the page shows. Step is one of login, code, confirm, return, gone.
type pageView struct {
	Text    map[string]string
	Lang    string
	Other   string
	Step    string
	Account string
	Wrong   bool
	Amount  string
	Return  Return
}

// Return is how the customer's browser goes back to the shop: a form POST, or a GET.
type Return struct {
	Method string            `json:"method"`
	URL    string            `json:"url"`
	Form   map[string]string `json:"form,omitempty"`
}

// returnToShop is what the browser requests after the customer's yes or no. Both carry the token and nothing else: that
// is all iyzico documents (docs/iyzico.md P0, docs/iyzico.md §3.4), so the shop can't tell them apart.
func (s *Server) returnToShop(b BalanceRefund) Return {
	if s.Settings().CallbackMethod == http.MethodPost {
		return Return{Method: http.MethodPost, URL: b.CallbackURL, Form: map[string]string{"token": b.Token}}
	}
	u, err := url.Parse(b.CallbackURL)
	if err != nil {
		return Return{Method: http.MethodGet, URL: b.CallbackURL}
	}
	query := u.Query()
	query.Set("token", b.Token)
	u.RawQuery = query.Encode()
	return Return{Method: http.MethodGet, URL: u.String()}
}

var (
	phoneForm = regexp.MustCompile(`^\+?[0-9 ()-]{10,20}$`)
	emailForm = regexp.MustCompile(`^[^@\s]+@[^@\s]+\.[^@\s]+$`)
)

// balancePage is iyzico's page: log in by phone or e-mail, enter the code, say yes or no. It keeps nothing of what the
// customer enters, and works without scripts.
func (s *Server) balancePage(w http.ResponseWriter, r *http.Request) {
	b, ok := s.ledger.BalanceRefund(r.PathValue("token"))
	if err := r.ParseForm(); err != nil {
		http.Error(w, "form unreadable", http.StatusBadRequest)
		return
	}
	lang := r.Form.Get("lang")
	if lang != "tr" && lang != "en" {
		lang = b.Locale
	}
	v := pageView{Text: pageTexts["tr"], Lang: "tr", Other: "en", Step: "login"}
	if lang == "en" {
		v.Text, v.Lang, v.Other = pageTexts["en"], "en", "tr"
	}
	if !ok {
		v.Step = "gone"
		render(w, http.StatusNotFound, v)
		return
	}
	if p, ok := s.ledger.Payment(b.PaymentID); ok {
		v.Amount = p.PaidPrice.StringFixed(2) + " " + p.Currency
	}
	switch {
	case b.Stage != BalanceOpened:
		v.Step, v.Return = "return", s.returnToShop(b)
	case r.Method == http.MethodPost:
		if s.pageStep(w, r, b, &v) {
			return
		}
	}
	render(w, http.StatusOK, v)
}

// pageStep moves the page on by what the customer entered; true if the browser was already sent back to the shop.
func (s *Server) pageStep(w http.ResponseWriter, r *http.Request, b BalanceRefund, v *pageView) bool {
	v.Account = r.PostForm.Get("account")
	known := len(v.Account) <= 100 && (phoneForm.MatchString(v.Account) || emailForm.MatchString(v.Account))
	switch r.PostForm.Get("step") {
	case "login":
		if v.Wrong = !known; known {
			v.Step = "code"
		}
	case "code":
		v.Step = "code"
		if v.Wrong = !known || r.PostForm.Get("code") != smsCode; !v.Wrong {
			v.Step = "confirm"
		}
	case "confirm":
		step := s.ledger.ConfirmBalanceRefund
		if r.PostForm.Get("answer") != "yes" {
			step = s.ledger.DeclineBalanceRefund
		}
		if err := step(b.Token); err != nil {
			http.Error(w, err.Error(), http.StatusConflict)
			return true
		}
		v.Step, v.Return = "return", s.returnToShop(b)
		if v.Return.Method == http.MethodGet {
			http.Redirect(w, r, v.Return.URL, http.StatusSeeOther)
			return true
		}
	}
	return false
}

func render(w http.ResponseWriter, status int, v pageView) {
	header := w.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Cache-Control", "no-store")
	header.Set("Referrer-Policy", "no-referrer")
	w.WriteHeader(status)
	// A template that fails half way leaves half a page; the status is out already.
	_ = pageTemplate.Execute(w, v)
}

var pageTexts = map[string]map[string]string{
	"tr": {
		"title": "iyzico hesabına iade (deneme)", "other": "English", "amount": "İade tutarı",
		"account": "Telefon numaranız veya e-posta adresiniz", "next": "Devam et",
		"accountWrong": "Geçerli bir telefon numarası veya e-posta adresi girin.",
		"code":         "SMS ile gelen kod", "codeHint": "Bu denemede kod her zaman 123456'dır.", "codeWrong": "Kod yanlış.",
		"confirm": "Bu tutarın iyzico hesabınıza iade edilmesini onaylıyor musunuz?",
		"yes":     "Onaylıyorum", "no": "Vazgeç",
		"back": "Yanıtınız alındı. Mağazaya dönebilirsiniz.", "return": "Mağazaya dön",
		"gone": "Bu iade bulunamadı.",
	},
	"en": {
		"title": "Refund to iyzico account (fake)", "other": "Türkçe", "amount": "Amount to refund",
		"account": "Your phone number or e-mail address", "next": "Go on",
		"accountWrong": "Enter a valid phone number or e-mail address.",
		"code":         "Code from the text message", "codeHint": "Here the code is always 123456.", "codeWrong": "The code is wrong.",
		"confirm": "Do you confirm the refund of this amount to your iyzico account?",
		"yes":     "Confirm", "no": "Give up",
		"back": "Your answer was received. You can go back to the shop.", "return": "Back to the shop",
		"gone": "This refund was not found.",
	},
}
