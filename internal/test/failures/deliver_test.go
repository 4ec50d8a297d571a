package failures

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/shopspring/decimal"

	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/pkg/iyzico/iyzicotest"
)

// asked is one command with its key, and how its operation must end.
type asked struct {
	kind payment.Kind // as commands name it: refund, cancel, fund_payment
	key  string
	body string // the POST body
	paid *paid  // nil of a fund payment
	id   string // of its operation
	most decimal.Decimal

	status  payment.Status // in the end
	sends   int            // requests that reach iyzico, all attempts together
	refused string         // by a rule, over HTTP: the slug; there is no operation
	later   string         // the slug of the rule that refuses it once a person has decided
}

// ends says what must become of it: the status, and how many requests reach iyzico. succeeded with one is the default.
func (a *asked) ends(status payment.Status, requests int) *asked {
	a.status, a.sends = status, requests
	return a
}

// isRefused says that a rule refuses it whenever it is asked for: nothing is kept of it.
func (a *asked) isRefused(slug string) *asked {
	a.refused = slug
	return a
}

// andLater says which rule refuses it once a person has decided what stood in its way.
func (a *asked) andLater(slug string) *asked {
	a.later = slug
	return a
}

func (w *world) ask(kind payment.Kind, p *paid, body string, most decimal.Decimal) *asked {
	w.mu.Lock()
	defer w.mu.Unlock()
	a := &asked{kind: kind, key: fmt.Sprintf("key-%d", len(w.asked)+1), body: body, paid: p, most: most, status: payment.StatusSucceeded, sends: 1}
	c := payment.Command{Kind: kind, Key: a.key}
	if p != nil {
		c.PaymentID = p.id
	}
	a.id = c.OperationID()
	w.asked = append(w.asked, a)
	return a
}

// rename gives it another key.
func (a *asked) rename(key string) {
	a.key = key
	c := payment.Command{Kind: a.kind, Key: key}
	if a.paid != nil {
		c.PaymentID = a.paid.id
	}
	a.id = c.OperationID()
}

// refund asks for a refund of an amount; members are more of the body, each with a comma before it.
func (w *world) refund(p *paid, price string, members ...string) *asked {
	return w.ask(payment.KindRefund, p, `{"paymentId":"`+p.id+`","amount":"`+price+`","description":"`+person+`","reason":"OTHER"`+strings.Join(members, "")+`}`, amount(price))
}

// refundAll asks for all that is refundable.
func (w *world) refundAll(p *paid) *asked {
	return w.ask(payment.KindRefund, p, `{"paymentId":"`+p.id+`","full":true}`, w.price(p))
}

func (w *world) cancel(p *paid) *asked {
	return w.ask(payment.KindCancel, p, `{"paymentId":"`+p.id+`"}`, w.price(p))
}

func (w *world) reverse(p *paid) *asked {
	return w.ask(payment.KindReversal, p, `{"paymentId":"`+p.id+`"}`, w.price(p))
}

// toBalance asks for a refund to the customer's balance.
func (w *world) toBalance(p *paid, members ...string) *asked {
	return w.ask(payment.KindRefund, p, `{"paymentId":"`+p.id+`","destination":"balance"`+strings.Join(members, "")+`}`, w.price(p))
}

// fund asks for a payment of 1.20 from the balance of a customer.
func (w *world) fund() *asked {
	w.t.Helper()
	s, err := w.fake.Ledger().AddSession(iyzicotest.SessionSpec{Balance: amount("100")})
	if err != nil {
		w.t.Fatal(err)
	}
	address := `{"address":"` + person + `","contactName":"Jane Doe","city":"Istanbul","country":"Turkey","zipCode":"34580"}`
	body := `{"sessionToken":"` + s.SessionToken + `","memberIdentifier":"` + s.MemberIdentifier + `","conversationId":"order-1","price":"1.00","paidPrice":"1.20",` +
		`"currency":"TRY","callbackUrl":"https://shop.example/paid","buyer":{"id":"BY1","name":"John","surname":"` + person + `","identityNumber":"74300864111",` +
		`"email":"john@doe.example","registrationAddress":"Altunizade Mah.","city":"Istanbul","country":"Turkey","ip":"192.0.2.1","zipCode":"34580"},` +
		`"shippingAddress":` + address + `,"billingAddress":` + address + `,"basketItems":[{"id":"B1","price":"0.30","name":"Binocular","category1":"C","itemType":"PHYSICAL"},` +
		`{"id":"B2","price":"0.70","name":"Game code","category1":"Game","itemType":"VIRTUAL"}]}`
	return w.ask(payment.KindFundPayment, nil, body, amount("1.20"))
}

func (w *world) price(p *paid) decimal.Decimal {
	known, _ := w.fake.Ledger().Payment(p.id)
	return known.PaidPrice
}

// entry is a way into iade.
type entry string

const (
	overHTTP    entry = "HTTP"
	overGateway entry = "API Gateway"
	overBare    entry = "bare"
	overQueue   entry = "queue"
	overBus     entry = "event bus"
)

// entries are the ways that a command can come.
func (a *asked) entries() []entry {
	if a.kind == payment.KindFundPayment {
		return []entry{overHTTP, overGateway, overBare}
	}
	return []entry{overHTTP, overGateway, overBare, overQueue, overBus}
}

// answer is what the caller, or the queue, was told.
type answer struct {
	code       int // HTTP status; 0 of a message
	slug       string
	state      string // the operation's status
	id         string
	refundable string
	blocker    string // the operation that is in the way
	replayed   bool
	back       bool // of a message: it comes again
	killed     bool // the process died: nobody was told anything
	body       string
}

// is checks code and the operation's status, or the problem's slug.
func (a answer) is(t *testing.T, code int, what string) answer {
	t.Helper()
	if a.code != code || what != "" && a.state != what && a.slug != what {
		t.Errorf("%d %s %s, want %d %s: %s", a.code, a.state, a.slug, code, what, a.body)
	}
	return a
}

// died checks that the process was killed before it could answer.
func (a answer) died(t *testing.T) {
	t.Helper()
	if !a.killed {
		t.Errorf("answered %d %s", a.code, a.body)
	}
}

// deliver hands a command to a process through one of its entries.
func (p *process) deliver(a *asked, e entry) answer {
	return p.deliverWith(context.Background(), a, e)
}

func (p *process) deliverWith(ctx context.Context, a *asked, e entry) answer {
	p.w.t.Helper()
	var told answer
	if !alive(func() {
		switch e {
		case overHTTP, overGateway:
			told = p.request(ctx, e, http.MethodPost, a.route(), a.body, a.key)
		case overBare:
			reply := p.api.Bare(ctx, a.function(), json.RawMessage(a.command()))
			told = readAnswer(reply.StatusCode, nil, reply.Body)
		case overQueue:
			told.back = len(p.batch(a.function(), message{"m-" + a.key, a.command()})) > 0
		case overBus:
			told.back = len(p.batch(a.function(), message{"e-" + a.key, a.event()})) > 0
		}
	}) {
		return answer{killed: true}
	}
	p.w.hear([]byte(told.body))
	return told
}

func (a *asked) route() string {
	return map[payment.Kind]string{
		payment.KindRefund: "/refunds", payment.KindCancel: "/cancels", payment.KindReversal: "/reversals", payment.KindFundPayment: "/fund-payments",
	}[a.kind]
}

// function is the kind of the function and the queue that carry it out.
func (a *asked) function() payment.Kind {
	if a.kind == payment.KindReversal {
		return payment.KindCancel
	}
	return a.kind
}

func (a *asked) resource() string { return a.route() + "/" + a.id }

// command is the body with the key in it, as queues and bare calls bring it.
func (a *asked) command() string {
	if a.kind == payment.KindReversal {
		return `{"kind":"reversal",` + strings.TrimPrefix(a.detail(), "{")
	}
	return a.detail()
}

// detail is the command where an event says its kind.
func (a *asked) detail() string {
	return strings.TrimSuffix(a.body, "}") + `,"idempotencyKey":"` + a.key + `"}`
}

// event is the command as EventBridge gives it to a queue.
func (a *asked) event() string {
	return `{"version":"0","id":"1","source":"shop.orders","account":"000000000000","time":"2031-03-10T09:00:00Z","region":"eu-west-1","resources":[],` +
		`"detail-type":"` + string(a.kind) + `.requested","detail":` + a.detail() + `}`
}

// message is one message of a queue.
type message struct{ id, body string }

// batch hands messages to the function behind a queue and gives the ids of those that come again.
func (p *process) batch(kind payment.Kind, messages ...message) []string {
	var batch events.SQSEvent
	for _, m := range messages {
		batch.Records = append(batch.Records, events.SQSMessage{
			MessageId: m.id, ReceiptHandle: m.id, Body: m.body, EventSource: "aws:sqs", EventSourceARN: "arn:aws:sqs:eu-west-1:000000000000:iade-" + string(kind),
			Attributes: map[string]string{"ApproximateReceiveCount": "1"},
		})
	}
	data, err := json.Marshal(batch)
	if err != nil {
		p.w.t.Error(err)
		return nil
	}
	result, err := p.api.Batch(context.Background(), kind, data)
	if err != nil {
		p.w.t.Error(err)
	}
	var back []string
	for _, failure := range result.BatchItemFailures {
		back = append(back, failure.ItemIdentifier)
	}
	return back
}

// request sends one HTTP request, as a server gets it or as API Gateway passes it on.
func (p *process) request(ctx context.Context, e entry, method, path, body, key string) answer {
	if e == overGateway {
		headers := map[string]string{"content-type": "application/json"}
		if key != "" {
			headers["idempotency-key"] = key
		}
		event := events.APIGatewayV2HTTPRequest{Version: "2.0", RawPath: path, Headers: headers, Body: body}
		event.RequestContext.HTTP.Method, event.RequestContext.Stage = method, "$default"
		reply, err := p.api.APIGateway(ctx, event)
		if err != nil {
			p.w.t.Error(err)
		}
		header := http.Header{}
		for name, value := range reply.Headers {
			header.Set(name, value)
		}
		return readAnswer(reply.StatusCode, header, []byte(reply.Body))
	}
	req := httptest.NewRequestWithContext(ctx, method, path, strings.NewReader(body))
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/json")
	}
	if key != "" {
		req.Header.Set("Idempotency-Key", key)
	}
	recorder := httptest.NewRecorder()
	p.api.ServeHTTP(recorder, req)
	return readAnswer(recorder.Code, recorder.Header(), recorder.Body.Bytes())
}

// get reads a resource.
func (p *process) get(path string) answer {
	a := p.request(context.Background(), overHTTP, http.MethodGet, path, "", "")
	p.w.hear([]byte(a.body))
	return a
}

// post sends what is no command: an operator's call.
func (p *process) post(path, body string) answer {
	a := p.request(context.Background(), overHTTP, http.MethodPost, path, body, "")
	p.w.hear([]byte(a.body))
	return a
}

func readAnswer(code int, header http.Header, body []byte) answer {
	a := answer{code: code, replayed: header.Get("Idempotent-Replayed") == "true", body: string(body)}
	type known struct {
		ID     string `json:"id"`
		Status any    `json:"status"`
	}
	var x struct {
		known
		Type        string `json:"type"`
		Refundable  string `json:"refundable"`
		OperationID string `json:"operationId"`
		Operation   *known `json:"operation"`
	}
	if json.Unmarshal(body, &x) != nil {
		return a
	}
	a.slug = strings.TrimPrefix(x.Type, "urn:iade:problem:")
	a.refundable, a.blocker = x.Refundable, x.OperationID
	if x.Operation != nil {
		x.known = *x.Operation
	}
	a.id = x.ID
	a.state, _ = x.Status.(string)
	return a
}

// hear keeps what somebody was told, to look for secrets in it.
func (w *world) hear(body []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.told = append(w.told, slices.Clone(body))
}
