package console

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/iade/iade/internal/words"
)

// The ways of giving back that the form offers.
const (
	wholeRest    = "full"    // all that is left
	ofLine       = "line"    // an amount of one line
	wholePayment = "whole"   // the whole payment the best way: a reversal
	overPayment  = "amount"  // an amount of the payment, spread over its lines
	releaseHold  = "release" // a hold that was not captured, by a cancel: never by a refund
)

// asked is what a person typed into the form.
type asked struct {
	Key        string
	What       string
	Line       string
	Amount     string
	Allocation string
	Reason     string
	Reference  string
}

// reasons are iyzico's words for why money goes back.
func reasons() []string { return []string{"BUYER_REQUEST", "DOUBLE_PAYMENT", "FRAUD", "OTHER"} }

var reasonWords = map[string]words.Text{
	"BUYER_REQUEST":  {"the buyer asked for it", "alıcı istedi"},
	"DOUBLE_PAYMENT": {"it was paid twice", "iki kez ödendi"},
	"FRAUD":          {"fraud", "dolandırıcılık"},
	"OTHER":          {"another reason", "başka bir neden"},
}

func reasonWord(l words.Language, reason string) string {
	if said, known := reasonWords[reason]; known {
		return said.In(l)
	}
	return words.Plain(reason)
}

// giveBackPage is the form, and its preview once it was filled in.
type giveBackPage struct {
	Payment

	Asked     asked
	Reasons   []string
	Faults    map[string]string // by field
	DayIsOver bool              // of a hold, which is released on its day only
	Busy      bool              // something is under way on the payment
	Changed   bool              // the payment is not as it was when the form was drawn
	Fresh     string            // where a new form is
	Preview   *preview
	Refused   *Refusal
	SendAgain bool // the same form may be sent again: it pays once
}

// preview is what a refund would do.
type preview struct {
	Legs []struct {
		PaymentTransactionID string `json:"paymentTransactionId"`
		Amount               string `json:"amount"`
	} `json:"legs"`
	Amount      string `json:"amount"`
	Refundable  string `json:"refundable"`
	IyzicoCalls int    `json:"iyzicoCalls"`
}

// readAsked reads what was typed, from an address or a form.
func readAsked(values url.Values) asked {
	field := func(name string) string { return strings.TrimSpace(values.Get(name)) }
	return asked{field("key"), field("what"), field("line"), field("amount"), field("allocation"), field("reason"), field("reference")}
}

// request makes the API's request of it. The faults are by field.
func (a asked) request(l words.Language, p *Payment) (body map[string]any, faults map[string]string) {
	body, faults = map[string]any{"paymentId": p.PaymentID}, map[string]string{}
	amount := func() {
		exact, ok := typedAmount(a.Amount)
		if !ok {
			faults["amount"] = amountRule.In(l)
		}
		body["amount"] = exact
	}
	if p.Held() != (a.What == releaseHold) && p.Status != "cancelled" {
		faults["what"] = words.Text{"Nothing was sent: the payment is not as the form shows it. Choose again.", "Hiçbir şey gönderilmedi: ödeme formdaki gibi değil. Yeniden seçin."}.In(l)
		return body, faults
	}
	switch a.What {
	case releaseHold: // the request names nothing but the payment
	case wholeRest:
		body["full"] = true
	case wholePayment: // the request names nothing but the payment
	case ofLine:
		amount()
		if !slices.ContainsFunc(p.Lines, func(line Line) bool { return line.PaymentTransactionID == a.Line }) {
			faults["line"] = words.Text{"Choose one of the payment's lines.", "Ödemenin satırlarından birini seçin."}.In(l)
		}
		body["paymentTransactionId"] = a.Line
	case overPayment:
		amount()
		if a.Allocation != "proportional" && a.Allocation != "in_order" {
			faults["allocation"] = words.Text{"Choose how the amount spreads over the lines.", "Tutarın satırlara nasıl dağılacağını seçin."}.In(l)
		}
		body["allocation"] = a.Allocation
	default:
		faults["what"] = words.Text{"Choose what to give back.", "Neyin geri verileceğini seçin."}.In(l)
	}
	if a.Reason != "" {
		body["reason"] = a.Reason
		if !slices.Contains(reasons(), a.Reason) {
			faults["reason"] = words.Text{"Choose a reason of the list.", "Listeden bir neden seçin."}.In(l)
		}
	}
	if a.Reference != "" {
		body["reference"] = a.Reference
	}
	return body, faults
}

// formOf reads the payment, and draws the form on it.
func (c *Console) formOf(v *visit, a asked) (giveBackPage, error) {
	page := giveBackPage{Asked: a, Reasons: reasons()}
	path := "/payments/" + url.PathEscape(v.r.PathValue("payment"))
	if err := c.get(v.ctx, path, &page.Payment); err != nil {
		return page, err
	}
	if page.Held() || a.What == releaseHold { // a hold is captured without iade: what is shown, and what is sent, rests on iyzico's word of now
		page.Payment = Payment{}
		if err := c.get(v.ctx, path+"?refresh=true", &page.Payment); err != nil {
			return page, err
		}
	}
	now := keyOf(&page.Payment)
	page.Changed, page.Fresh = a.Key != now, giveBackPath(page.PaymentID, now)
	page.DayIsOver, page.Busy = page.dayIsOver(v.now), isMore(page.ReservedAmount, "0")
	if page.Asked.What == "" {
		page.Asked.What = wholeRest
		if page.Held() {
			page.Asked.What = releaseHold
		}
	}
	if page.Asked.Line == "" && len(page.Lines) > 0 {
		page.Asked.Line = page.Lines[0].PaymentTransactionID
	}
	if page.Asked.Allocation == "" {
		page.Asked.Allocation = "proportional"
	}
	return page, nil
}

// giveBack draws the form, or its preview. The key is drawn once, into the address.
func (c *Console) giveBack(v *visit) {
	if !c.mayOf(v.ctx).Write {
		c.mayNot(v)
		return
	}
	query := v.r.URL.Query()
	page, err := c.formOf(v, readAsked(query))
	switch {
	case err != nil:
		c.refuse(v, err)
		return
	case !keyPattern.MatchString(page.Asked.Key):
		http.Redirect(v.w, v.r, page.Fresh, http.StatusSeeOther)
		return
	}
	status := http.StatusOK
	if query.Has("what") {
		status = c.preview(v, &page)
	}
	c.showGiveBack(v, status, page)
}

func (c *Console) showGiveBack(v *visit, status int, page giveBackPage) {
	c.show(v, status, "giveback", words.Text{"Give money back", "Para iade et"}.In(v.lang), page)
}

// preview asks what the refund would do. Nothing is stored and nothing is sent by that.
func (c *Console) preview(v *visit, page *giveBackPage) (status int) {
	body, faults := page.Asked.request(v.lang, &page.Payment)
	if page.Faults = faults; len(faults) > 0 {
		return http.StatusBadRequest
	}
	if page.Asked.What == releaseHold {
		if page.DayIsOver || page.Busy || !page.Held() {
			return http.StatusConflict // the form says why
		}
		page.Preview = &preview{Amount: page.PaidAmount, IyzicoCalls: 1}
		return http.StatusOK
	}
	if page.Asked.What == wholePayment {
		body["full"] = true // whichever way it goes, all that is left goes back
	}
	said, err := c.do(v.ctx, request{method: http.MethodPost, path: "/refunds/preview", body: body})
	var would preview
	if err == nil {
		err = understand(said, &would)
	}
	if err != nil {
		page.Refused = asRefusal(err)
		return page.Refused.pageStatus()
	}
	page.Preview = &would
	return http.StatusOK
}

// giveBackNow carries the form out, under the key that it was drawn with.
func (c *Console) giveBackNow(v *visit) {
	page, err := c.formOf(v, readAsked(v.r.PostForm))
	if err != nil {
		c.refuse(v, err)
		return
	}
	body, faults := page.Asked.request(v.lang, &page.Payment)
	if page.Faults = faults; len(faults) > 0 || !keyPattern.MatchString(page.Asked.Key) {
		c.showGiveBack(v, http.StatusBadRequest, page)
		return
	}
	path := "/refunds"
	switch page.Asked.What {
	case wholePayment:
		path = "/reversals"
	case releaseHold:
		path = "/cancels"
	}
	said, err := c.do(v.ctx, request{method: http.MethodPost, path: path, key: page.Asked.Key, body: body})
	var op Operation
	if err == nil {
		err = understand(said, &op)
	}
	if err == nil {
		did := "sent"
		if said.replayed() {
			did = "again"
		}
		http.Redirect(v.w, v.r, Root+"operations/"+url.PathEscape(op.ID)+"?did="+did, http.StatusSeeOther)
		return
	}
	page.Refused = asRefusal(err)
	page.SendAgain = page.Refused.mayBeSentAgain()
	c.show(v, page.Refused.pageStatus(), "given", page.Refused.Heading(v.lang), page)
}

// mayBeSentAgain tells whether the very same request with the same key is the way on: it pays once, whatever became of the first.
func (no *Refusal) mayBeSentAgain() bool {
	return no.Slug() == "" && no.Status != http.StatusUnauthorized && no.Status != http.StatusForbidden ||
		no.Status == http.StatusConflict || no.Status == http.StatusTooManyRequests || no.Status >= http.StatusInternalServerError
}

// mayNot answers somebody who may read and no more.
func (c *Console) mayNot(v *visit) {
	c.notice(v, http.StatusForbidden, notice{Bad: true, Title: words.Text{"You may not do this", "Bunu yapmaya yetkiniz yok"}, Says: []string{words.Text{
		"Nothing was done. The credentials with which you are here do not have the scope for it.",
		"Hiçbir şey yapılmadı. Buraya girdiğiniz kimlik bilgilerinin buna yetkisi yok.",
	}.In(v.lang)}})
}

// check has an operation settled now, as far as iyzico's report does. It sends no money.
func (c *Console) check(v *visit) {
	id := v.r.PathValue("operation")
	if words.PathOf(id) == "" {
		c.nothing(v)
		return
	}
	if _, err := c.do(v.ctx, request{method: http.MethodPost, path: "/operations/" + id + "/check"}); err != nil {
		c.refuse(v, err)
		return
	}
	http.Redirect(v.w, v.r, Root+"operations/"+id+"?did=checked", http.StatusSeeOther)
}
