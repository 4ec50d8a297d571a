package console

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/iade/iade/internal/words"
)

const (
	laboratoryPath = "/console/laboratory"
	bookShown      = 40
	paymentsShown  = 30
	lagTold        = 60_000 // milliseconds
	// firstPayment is one that every fake has from the start.
	firstPayment = "10000001"
	// noticeOf is the type of the notice that iyzico sends of a refund that it tried again.
	noticeOf = "REFUND_RETRY_SUCCESS"
)

// laboratoryPage holds the fake iyzico's book beside iade's.
type laboratoryPage struct {
	ID       string
	Payments []execution // the last movement of each, newest first, to choose from
	First    string      // a payment that a new fake has
	Book     []execution
	Requests []received
	Payment  *Payment
	Refused  *Refusal // why iade does not show the payment
	Faults   []fault
	Lag      bool
	Lies     []lie
	Did      string
	Fault    string
}

// execution is money that really moved.
type execution struct {
	Kind                 string    `json:"kind"`
	Path                 string    `json:"path"`
	ConversationID       string    `json:"conversationId"`
	PaymentID            string    `json:"paymentId"`
	PaymentTransactionID string    `json:"paymentTransactionId"`
	Price                string    `json:"price"`
	Currency             string    `json:"currency"`
	At                   time.Time `json:"at"`
}

// received is a money request that the fake got.
type received struct {
	Path           string    `json:"path"`
	ConversationID string    `json:"conversationId"`
	Outcome        string    `json:"outcome"`
	At             time.Time `json:"at"`
}

type fault struct {
	Path string `json:"path"`
	Mode string `json:"mode"`
}

// lie is one that the fake's report can tell.
type lie struct {
	Name  string
	Says  words.Text
	value any
	Told  bool
}

func lies() []lie {
	return []lie{
		{Name: "hideEntries", Says: words.Text{"It leaves the refunds out", "İadeleri göstermez"}, value: true},
		{Name: "dropLine", Says: words.Text{"It leaves a line out", "Bir satırı göstermez"}, value: true},
		{Name: "duplicatePayment", Says: words.Text{"It lists the payment twice", "Ödemeyi iki kez gösterir"}, value: true},
		{Name: "emptyEntries", Says: words.Text{"Its entries are empty", "Kayıtları boş gösterir"}, value: true},
		{Name: "noDates", Says: words.Text{"It leaves the dates out", "Tarihleri göstermez"}, value: true},
		{Name: "upperCaseIds", Says: words.Text{"It writes ids in capitals", "Kimlikleri büyük harfle yazar"}, value: true},
		{Name: "staleMs", Says: words.Text{"It is an hour old", "Bir saat eskidir"}, value: 3_600_000},
		{Name: "refundStatus", Says: words.Text{"It calls refunds pending", "İadeleri beklemede gösterir"}, value: 0},
	}
}

// laboratory shows what the fake did, and what iade made of it.
func (c *Console) laboratory(v *visit) {
	query := v.r.URL.Query()
	c.showLaboratory(v, laboratoryPage{ID: query.Get("payment"), Did: query.Get("did")}, http.StatusOK)
}

func (c *Console) showLaboratory(v *visit, page laboratoryPage, status int) {
	if c.Fake == nil {
		c.nothing(v)
		return
	}
	settings := struct {
		ReportingLagMS int64          `json:"reportingLagMs"`
		Report         map[string]any `json:"report"`
	}{}
	err := together(
		func() error { return c.readBook(v, &page) },
		func() error { return c.readFake(v, "/_fake/settings", &settings) },
		func() error { return c.readFaults(v, &page) },
		func() error {
			if paymentPattern.MatchString(page.ID) {
				var p Payment
				if err := c.get(v.ctx, "/payments/"+page.ID, &p); err != nil {
					page.Refused = asRefusal(err)
				} else {
					page.Payment = &p
				}
			}
			return nil
		},
	)
	if err != nil {
		c.refuse(v, err)
		return
	}
	page.First = firstPayment
	page.Lag, page.Lies = settings.ReportingLagMS > 0, lies()
	for i := range page.Lies {
		told := settings.Report[page.Lies[i].Name]
		page.Lies[i].Told = told != nil && told != false && told != 0.0 || told == 0.0 && page.Lies[i].Name == "refundStatus"
	}
	if page.Payment != nil {
		page.Payment.Operations, _ = atMost(page.Payment.Operations, bookShown)
		page.Payment.Lines, _ = atMost(page.Payment.Lines, bookShown)
	}
	c.show(v, status, "laboratory", words.Text{"Laboratory", "Laboratuvar"}.In(v.lang), page)
}

// readBook reads what really moved, and what was asked for.
func (c *Console) readBook(v *visit, page *laboratoryPage) error {
	var book struct {
		Executions []execution `json:"executions"`
	}
	if !paymentPattern.MatchString(page.ID) {
		err := c.readFake(v, "/_fake/executions", &book)
		for _, e := range slices.Backward(book.Executions) {
			known := slices.ContainsFunc(page.Payments, func(p execution) bool { return p.PaymentID == e.PaymentID })
			if !known && len(page.Payments) < paymentsShown {
				page.Payments = append(page.Payments, e)
			}
		}
		return err
	}
	var asked struct {
		Requests []received `json:"requests"`
	}
	id := url.Values{"paymentId": {page.ID}}.Encode()
	if err := c.readFake(v, "/_fake/executions?"+id, &book); err != nil {
		return err
	}
	err := c.readFake(v, "/_fake/requests?"+id, &asked)
	page.Book = book.Executions[max(0, len(book.Executions)-bookShown):]
	page.Requests = asked.Requests[max(0, len(asked.Requests)-bookShown):]
	return err
}

func (c *Console) readFaults(v *visit, page *laboratoryPage) error {
	var list struct {
		Faults []fault `json:"faults"`
	}
	err := c.readFake(v, "/_fake/faults", &list)
	page.Faults, _ = atMost(list.Faults, bookShown)
	return err
}

// askFake asks the fake's control side, which has no business with a caller's token.
func (c *Console) askFake(v *visit, q request) (answer, error) {
	return ask(withToken(v.ctx, ""), c.Fake, q)
}

// readFake reads from the fake's control side.
func (c *Console) readFake(v *visit, path string, into any) error {
	said, err := c.askFake(v, request{method: http.MethodGet, path: path})
	if err != nil {
		return err
	}
	return understand(said, into)
}

// experiment makes the fake do what a button says.
func (c *Console) experiment(v *visit) {
	if c.Fake == nil {
		c.nothing(v)
		return
	}
	if !c.mayOf(v.ctx).Write {
		c.mayNot(v)
		return
	}
	form := v.r.PostForm
	page := laboratoryPage{ID: form.Get("payment")}
	asked, ok := experimentOf(form, c.Name)
	if !ok {
		page.Fault = words.Text{"There is no such experiment, or a field is missing.", "Böyle bir deney yok veya bir alan eksik."}.In(v.lang)
		if form.Get("do") == "panel" {
			page.Fault = amountRule.In(v.lang)
		}
		c.showLaboratory(v, page, http.StatusBadRequest)
		return
	}
	for _, one := range asked {
		said, err := c.askFake(v, one)
		if err != nil {
			no := asRefusal(err)
			page.Fault = words.Plain(no.Said)
			c.showLaboratory(v, page, no.pageStatus())
			return
		}
		var sold struct {
			PaymentID string `json:"paymentId"`
		}
		if one.path == "/_fake/payments" && json.Unmarshal(said.body, &sold) == nil {
			page.ID = sold.PaymentID
		}
	}
	back := url.Values{"did": {form.Get("do")}}
	if page.ID != "" {
		back.Set("payment", page.ID)
	}
	http.Redirect(v.w, v.r, laboratoryPath+"?"+back.Encode(), http.StatusSeeOther)
}

// experimentOf is what a button asks the fake for.
func experimentOf(form url.Values, api string) ([]request, bool) {
	settings := func(change map[string]any) request {
		return request{method: http.MethodPut, path: "/_fake/settings", body: change}
	}
	switch form.Get("do") {
	case "lose":
		return []request{{method: http.MethodPost, path: "/_fake/faults", body: map[string]any{"path": "*", "mode": "reset-after"}}}, true
	case "panel":
		price, ok := typedAmount(form.Get("amount"))
		return []request{{method: http.MethodPost, path: "/_fake/panel-refunds", body: map[string]any{"paymentTransactionId": form.Get("line"), "price": price}}}, ok
	case "lag":
		return []request{settings(map[string]any{"reportingLagMs": lagTold})}, true
	case "lie":
		i := slices.IndexFunc(lies(), func(l lie) bool { return l.Name == form.Get("lie") })
		if i < 0 {
			return nil, false
		}
		return []request{settings(map[string]any{"report": map[string]any{lies()[i].Name: lies()[i].value}})}, true
	case "notice":
		return []request{{method: http.MethodPost, path: "/_fake/webhooks", body: map[string]any{
			"paymentId": form.Get("payment"), "eventType": noticeOf, "to": api + "/iyzico-webhook",
		}}}, paymentPattern.MatchString(form.Get("payment"))
	case "sell":
		return []request{{method: http.MethodPost, path: "/_fake/payments", body: map[string]any{
			"lines": []map[string]any{{"itemId": "tea", "paidPrice": "120.00"}, {"itemId": "cups", "paidPrice": "80.00"}},
		}}}, true
	case "honest":
		return []request{{method: http.MethodDelete, path: "/_fake/faults"}, settings(map[string]any{"reportingLagMs": 0, "report": map[string]any{}})}, true
	}
	return nil, false
}
