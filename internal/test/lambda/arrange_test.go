package lambda_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/internal/store/dynamo"
	apitest "github.com/iade/iade/internal/test/api"
	"github.com/iade/iade/internal/test/runtimeapi"
)

// delivery gives a process one event of a flow and says whether that was the last one.
type delivery = func(f invoker) (over bool, err error)

// done carries out a request whose end the flow needs.
func (s *scene) done(req apitest.Request) {
	s.t.Helper()
	if a := s.deployment.ask(req); a.Status != http.StatusCreated {
		s.t.Fatalf("%s: %d %s", req.Path, a.Status, a.Body)
	}
}

// addLines gives the fake a payment of several lines.
func (s *scene) addLines(paid ...string) string {
	s.t.Helper()
	lines := make([]map[string]string, len(paid))
	for i := range paid {
		lines[i] = map[string]string{"paidPrice": paid[i]}
	}
	body, err := json.Marshal(map[string]any{"lines": lines})
	if err != nil {
		s.t.Fatal(err)
	}
	var answer struct {
		PaymentID string `json:"paymentId"`
	}
	s.control(http.MethodPost, "/_fake/payments", string(body), &answer)
	return answer.PaymentID
}

// lose makes a refund whose answer is lost, and gives its operation's id. Where nothing was executed its attempt's deadline is
// near: before it no read counts.
func (s *scene) lose(mode string) string {
	s.t.Helper()
	config, ends := s.config("refund"), []string(nil)
	if mode == "reset-before" {
		config.Env, ends = append(slices.Clone(config.Env), "IYZICO_TIMEOUT="+hasty.String()), []string{"not_executed"}
	}
	e := runtimeapi.NewEnvironment(config)
	defer e.Kill()
	req := s.ask("/refunds", "key", `{"paymentId":"`+s.addPayment("100.00")+`","amount":"10"}`, ends...)
	s.script("/payment/refund", mode)
	for {
		reply, _, err := once(e, req)
		if err != nil {
			s.t.Fatal(err)
		}
		switch lost := readAnswer(s.t, reply); {
		case lost.State == "unknown":
			return lost.ID
		case lost.Status != http.StatusServiceUnavailable: // the machine was so busy that it came too late to be sent
			s.t.Fatalf("%d %s", lost.Status, lost.Body)
		}
	}
}

// contradict makes a refund that iyzico refuses and executes all the same, and gives its operation's id: a person has to look.
func (s *scene) contradict() string {
	s.t.Helper()
	req := s.ask("/refunds", "key", `{"paymentId":"`+s.addPayment("100.00")+`","amount":"10"}`)
	s.script("/payment/refund", "refuse-after")
	id := s.deployment.ask(req).Operation.ID
	if looked := s.bare("reconcile", `{"check":"`+id+`"}`); looked.Body.State != "needs_review" {
		s.t.Fatalf("%+v", looked)
	}
	return id
}

// operation asks again for what was asked for with a key, and gives the operation's id.
func (s *scene) operation(key string) string {
	s.t.Helper()
	for _, a := range s.asked {
		if a.key == key {
			again := s.post(a.path, a.key, a.body)
			return again.ID + again.Operation.ID
		}
	}
	s.t.Fatalf("nothing was asked for with %s", key)
	return ""
}

// stored is the account of an operation as the table has it.
func (s *scene) stored(operationID string) payment.Account {
	s.t.Helper()
	id := payment.AccountID("FUND#" + operationID)
	if !strings.HasPrefix(operationID, "fp_") {
		id = payment.PaymentAccount(strings.Split(operationID, "_")[1])
	}
	account, err := dynamo.New(s.client, s.table).Load(context.Background(), id)
	if err != nil {
		s.t.Fatal(err)
	}
	return account
}

// reconciling makes a pass whenever the operation is due, until it is in a status.
func (s *scene) reconciling(operationID string, until payment.Status) delivery {
	return s.reconcilingUntil(operationID, func(op *payment.Operation) bool { return op.Status() == until })
}

func (s *scene) reconcilingUntil(operationID string, over func(*payment.Operation) bool) delivery {
	return func(f invoker) (bool, error) {
		account := s.stored(operationID)
		if over(account.Operation(operationID)) {
			return true, nil
		}
		time.Sleep(time.Until(account.DueAt()) + 20*time.Millisecond)
		if _, err := f.Invoke(context.Background(), []byte(`{"reconcile": true}`)); err != nil {
			return false, err
		}
		account = s.stored(operationID)
		return over(account.Operation(operationID)), nil
	}
}

// unseeded makes a fund payment whose process dies when its success was saved and its payment's account was not.
func (s *scene) unseeded() delivery {
	s.t.Helper()
	req := s.ask("/fund-payments", "key", s.order(""))
	g := s.newGate(s.bus)
	mark := 1 + slices.Index(fundExchanges, putFund)
	g.at = point{mark + 1 + slices.Index(fundExchanges[mark:], putFund), true}
	victim := s.victim("fund", g)
	if _, err := overHTTP(req)(victim); err == nil {
		s.t.Fatal("the process was not killed")
	}
	due, _, err := dynamo.New(s.client, s.table).Open(context.Background(), time.Now().Add(time.Hour), "", 2)
	if err != nil || len(due) != 1 {
		s.t.Fatalf("%v is due, %v", due, err)
	}
	id := strings.TrimPrefix(string(due[0]), "FUND#")
	return s.reconcilingUntil(id, func(op *payment.Operation) bool { return op.Fund.Seeded })
}

// unplaced makes a refund whose line iyzico chose.
func (s *scene) unplaced() delivery {
	s.t.Helper()
	s.done(s.ask("/refunds", "key", `{"paymentId":"`+s.addLines("50.00", "30.00")+`","amount":"20","allocation":"iyzico"}`))
	return s.reconcilingUntil(s.operation("key"), func(op *payment.Operation) bool { return len(op.Legs[0].Parts) > 0 })
}

// lineKnown tells whether a Refund v2 was not executed, or the report has shown which line iyzico chose.
func (s *scene) lineKnown(operationID string) bool {
	s.t.Helper()
	account := s.stored(operationID)
	op := account.Operation(operationID)
	return op.Status() == payment.StatusNotExecuted || len(op.Legs[0].Parts) > 0
}

// finishFundPayment is what follows a fund payment. Where iyzico lists none a person says that there is none; else the payment
// that it made has its account and can be refunded without a read.
func (s *scene) finishFundPayment() {
	s.t.Helper()
	id := s.operation("key")
	made := s.fake.Ledger().Executions("")
	if len(made) == 0 {
		s.done200(command("/operations/"+id+"/resolution", "", `{"decision":"not_executed","reason":"iyzico has none","by":"op-17"}`))
		return
	}
	eventually(s.t, "the payment's account is open", func() bool {
		account := s.stored(id)
		return account.Operation(id).Fund.Seeded
	})
	p := made[0].PaymentID
	s.script("/v2/reporting/payment/details", "status-500-before")
	s.done(s.ask("/refunds", "after", `{"paymentId":"`+p+`","amount":"4"}`))
	s.control(http.MethodDelete, "/_fake/faults", "", nil)
}

func (s *scene) done200(req apitest.Request) {
	s.t.Helper()
	if a := s.deployment.ask(req); a.Status != http.StatusOK {
		s.t.Fatalf("%s: %d %s", req.Path, a.Status, a.Body)
	}
}

// open asks for a refund to balance.
func (s *scene) open() {
	s.t.Helper()
	s.done(s.ask("/refunds", "balance", `{"paymentId":"`+s.addPayment("100.00")+`","destination":"balance"}`))
}

// customerSaysYes confirms on the page at iyzico that the API shows to who asks with the key, and gives what the customer's
// browser asks for next.
func (s *scene) customerSaysYes() apitest.Request {
	s.t.Helper()
	i := slices.IndexFunc(s.asked, func(a *asked) bool { return a.key == "balance" })
	again := s.post(s.asked[i].path, s.asked[i].key, s.asked[i].body)
	if s.token = pageToken(again.Body); s.token == "" {
		s.t.Fatalf("no page: %d %s", again.Status, again.Body)
	}
	return s.confirm(s.token)
}

// pageToken is the token of the page at iyzico that an answer shows, "" if it shows none.
func pageToken(body []byte) string {
	var r struct{ RedirectURL string }
	if err := json.Unmarshal(body, &r); err != nil {
		return ""
	}
	return r.RedirectURL[strings.LastIndexByte(r.RedirectURL, '/')+1:]
}

// confirm is the customer's yes at iyzico. It gives what the customer's browser asks for next.
func (s *scene) confirm(token string) apitest.Request {
	s.t.Helper()
	var going struct {
		Method, URL string
		Form        map[string]string
	}
	s.control(http.MethodPost, "/_fake/balance-refunds/"+token+"/confirm", "", &going)
	back, err := url.Parse(going.URL)
	if err != nil {
		s.t.Fatal(err)
	}
	req := apitest.Request{Method: going.Method, Path: back.Path, RawQuery: back.RawQuery, Header: http.Header{}}
	if going.Method == http.MethodPost {
		form := url.Values{}
		for name, value := range going.Form {
			form.Set(name, value)
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Body = []byte(form.Encode())
	}
	return req
}

// approve is the merchant's yes in iyzico's panel: only now money moves.
func (s *scene) approve(token string) {
	s.t.Helper()
	s.control(http.MethodPost, "/_fake/balance-refunds/"+token+"/approve", "", nil)
}

// merchantApproves in iyzico's panel, and iade sees it in the report.
func (s *scene) merchantApproves() {
	s.t.Helper()
	s.approve(s.token)
	id := s.operation("balance")
	eventually(s.t, "the approval is seen", func() bool { return s.get("/refunds/"+id).State == "succeeded" })
}

// bareCommand gives a function a bare command until it is done.
func bareCommand(text string) delivery {
	return func(f invoker) (bool, error) {
		payload, err := f.Invoke(context.Background(), []byte(text))
		if err != nil {
			return false, err
		}
		var reply bareReply
		if err := json.Unmarshal(payload, &reply); err != nil {
			return false, fmt.Errorf("%s: %w", payload, err)
		}
		return reply.StatusCode == http.StatusOK, nil
	}
}

// queueing delivers messages until none goes back.
func (s *scene) queueing(queue string, messages ...queued) delivery {
	waiting := messages
	return func(f invoker) (bool, error) {
		back, err := deliver(s.t, f, queue, waiting...)
		if err != nil {
			return false, err
		}
		waiting = slices.DeleteFunc(slices.Clone(waiting), func(m queued) bool { return !slices.Contains(back, m.id) })
		return len(waiting) == 0, nil
	}
}

// queueOfRefunds is a batch of which the first message goes back once, because iyzico's report cannot be read, and the last
// one is parked.
func (s *scene) queueOfRefunds() delivery {
	s.t.Helper()
	p, q := s.addPayment("100.00"), s.addPayment("100.00")
	for _, id := range []string{p, q} {
		s.ask("/refunds", "key", `{"paymentId":"`+id+`","amount":"10"}`, "not_executed")
	}
	s.script("/v2/reporting/payment/details", "status-500-before")
	return s.queueing("refund", queued{"back", refundCommand(p, "10", "key")}, queued{"done", refundCommand(q, "10", "key")}, queued{"poison", "{"})
}

// publishing gives the records of several changes of two payments, as Lambda's poller does: what is left comes again.
func (s *scene) publishing() delivery {
	s.t.Helper()
	want := story(s.deployment)
	for p, lines := range want {
		if len(lines) == 1 {
			s.ask("/cancels", "a", `{"paymentId":"`+p+`","reference":"order-1"}`)
			continue
		}
		s.ask("/refunds", "a", `{"paymentId":"`+p+`","amount":"10"}`)
		s.ask("/refunds", "b", `{"paymentId":"`+p+`","amount":"1000"}`, "rejected")
		s.ask("/refunds", "c", `{"paymentId":"`+p+`","amount":"20"}`)
	}
	left := s.streamRecords()
	return func(f invoker) (bool, error) {
		stopped, err := publish(s.t, f, left)
		if err != nil || stopped == "" {
			if err == nil {
				checkTold(s.t, want, s.bus.published())
			}
			return err == nil, err
		}
		left = from(s.t, left, stopped)
		return false, nil
	}
}
