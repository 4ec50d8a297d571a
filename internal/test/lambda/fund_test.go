package lambda_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/iade/iade/internal/test/dynamotest"
	"github.com/iade/iade/pkg/iyzico/iyzicotest"
)

const sessionPath = "/v1/pay-with-iyzico/third-party-session"

// order is the body of a fund payment of 10.00 from a new session. members come first.
func (d *deployment) order(members string) string {
	d.t.Helper()
	s, err := d.fake.Ledger().AddSession(iyzicotest.SessionSpec{Balance: decimal.NewFromInt(100)})
	if err != nil {
		d.t.Fatal(err)
	}
	const address = `{"address":"a","contactName":"b","city":"c","country":"d","zipCode":"e"}`
	return fmt.Sprintf(`{%s"sessionToken":%q,"memberIdentifier":%q,"price":"10","paidPrice":"10","currency":"TRY","callbackUrl":"https://shop.example/",`+
		`"buyer":{"id":"1","name":"n","surname":"s","identityNumber":"11111111111","email":"e@shop.example","registrationAddress":"r","city":"c","country":"d","zipCode":"z"},`+
		`"shippingAddress":`+address+`,"billingAddress":`+address+`,"basketItems":[{"id":"BI101","price":"10","name":"n","category1":"c","itemType":"PHYSICAL"}]}`,
		members, s.SessionToken, s.MemberIdentifier)
}

// charged counts the payments that iyzico took from balances.
func (d *deployment) charged() int {
	n := 0
	for _, x := range d.fake.Ledger().Executions("") {
		if x.Kind == iyzicotest.KindFundPayment {
			n++
		}
	}
	return n
}

func TestABareFundPaymentAnswersLikeItsRoute(t *testing.T) {
	t.Parallel()
	d := deploy(t, dynamotest.Endpoint(t))
	command := d.order(`"idempotencyKey":"key-1",`)
	done := d.bare("fund", command)
	if done.StatusCode != http.StatusCreated || done.Body.Kind != "fund_payment" || done.Body.State != "succeeded" {
		t.Fatalf("%+v", done)
	}
	if again := d.bare("fund", command); again.StatusCode != http.StatusOK || again.Body.ID != done.Body.ID || d.charged() != 1 {
		t.Errorf("the same again: %+v, charged %d times", again, d.charged())
	}
	if wrong := d.bare("fund", `{"idempotencyKey":"key-2"}`); wrong.StatusCode != http.StatusBadRequest {
		t.Errorf("%+v", wrong)
	}
}

// TestAFundPaymentCostsTwoCallsAndFourWrites counts at the engines: the mark, the answer, the payment's account and the note
// that it is there; a token and the payment. The refund that follows costs what one on a known payment does.
func TestAFundPaymentCostsTwoCallsAndFourWrites(t *testing.T) {
	t.Parallel()
	c := deployCounted(t)
	a := c.post("/fund-payments", "key", c.order(""))
	if a.Status != http.StatusCreated {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	c.check(t, "a fund payment", map[string]int{"GetItem": 3, "PutItem": 4}, map[string]int{
		"POST " + sessionPath + "/retrieve/access-token": 1, "POST " + sessionPath + "/checkout/auth": 1,
	})
	made := c.fake.Ledger().Executions("")[0].PaymentID
	if refund := c.post("/refunds", "key", `{"paymentId":"`+made+`","amount":"4"}`); refund.Status != http.StatusCreated {
		t.Fatalf("%d %s", refund.Status, refund.Body)
	}
	c.check(t, "a refund of it", map[string]int{"GetItem": 1, "PutItem": 2}, map[string]int{"POST /payment/refund": 1})
}

// TestAKilledFundPaymentIsChargedAtMostOnce kills the process with SIGKILL while iyzico holds its request, before and after
// the customer was charged, and delivers the same request again to new processes (I1, I2, I7).
//
// failure 5, 10: SIGKILL of the built function
func TestAKilledFundPaymentIsChargedAtMostOnce(t *testing.T) {
	t.Parallel()
	endpoint := dynamotest.Endpoint(t)
	for _, x := range []struct {
		name, path, mode, ends string
		redelivered            int
		charged, asked         int
	}{
		{"after the charge", "/checkout/auth", "hang-after", "succeeded", http.StatusConflict, 1, 1},
		{"before the charge", "/checkout/auth", "hang-before", "needs_review", http.StatusConflict, 0, 1},
		{"while a token is fetched", "/retrieve/access-token", "hang-before", "needs_review", http.StatusConflict, 0, 0},
	} {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			d := deploy(t, endpoint, "IYZICO_TIMEOUT=3s", "SETTLE_WINDOW=1s")
			e := d.environment("fund")
			req := command("/fund-payments", "key", d.order(""))
			d.script(sessionPath+x.path, x.mode)
			killWhen(t, e, "iyzico has the request", func() bool {
				return len(d.fake.Faults()) == 0 && len(d.fake.Requests("")) == x.asked && d.charged() == x.charged
			}, calling(e, req))
			again := readAnswer(t, must(t)(invoke(e, req, "POST /fund-payments", nil)))
			if again.Status != x.redelivered && again.Status != http.StatusAccepted {
				t.Fatalf("redelivered: %d %s", again.Status, again.Body)
			}
			id := again.Operation.ID + again.ID
			d.reconcile()
			eventually(t, "the payment is settled", func() bool { return d.get("/fund-payments/"+id).State == x.ends })
			if again := readAnswer(t, must(t)(invoke(e, req, "POST /fund-payments", nil))); again.State != x.ends {
				t.Errorf("again: %d %s", again.Status, again.Body)
			}
			if d.charged() != x.charged || len(d.fake.Requests("")) != x.asked {
				t.Errorf("charged %d times, iyzico got %d money requests", d.charged(), len(d.fake.Requests("")))
			}
		})
	}
}
