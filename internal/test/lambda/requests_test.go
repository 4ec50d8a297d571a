package lambda_test

import (
	"fmt"
	"maps"
	"net/http"
	"testing"

	"github.com/iade/iade/internal/test/dynamotest"
)

// counted is a stack with counters before the table and before iyzico.
type counted struct {
	*deployment
	table, iyzico *counter
}

func deployCounted(t *testing.T, settings ...string) counted {
	t.Helper()
	endpoint := dynamotest.Endpoint(t)
	table := count(t, endpoint, tableAction)
	d := deploy(t, endpoint, append([]string{"AWS_ENDPOINT_URL_DYNAMODB=" + table.url}, settings...)...)
	iyzico := count(t, d.fakeURL, path)
	d.env = append(d.env, "IYZICO_BASE_URL="+iyzico.url)
	return counted{d, table, iyzico}
}

// check compares what was asked of both with what may be. A leased quota write may come or not: the lease of a minute
// serves many calls.
func (c counted) check(t *testing.T, what string, table, iyzico map[string]int) {
	t.Helper()
	gotTable, gotIyzico := c.table.take(), c.iyzico.take()
	if leases := gotTable["UpdateItem"]; leases > 1 {
		t.Errorf("%s: %d quota writes, want one at most", what, leases)
	}
	delete(gotTable, "UpdateItem")
	if !maps.Equal(gotTable, table) {
		t.Errorf("%s: the table was asked %v, want %v", what, gotTable, table)
	}
	if !maps.Equal(gotIyzico, iyzico) {
		t.Errorf("%s: iyzico was asked %v, want %v", what, gotIyzico, iyzico)
	}
}

// TestARefundOnAKnownPaymentCostsOneReadTwoWritesAndOneCall counts at the engines, for a process
// that has just started and for one that has not.
func TestARefundOnAKnownPaymentCostsOneReadTwoWritesAndOneCall(t *testing.T) {
	t.Parallel()
	c := deployCounted(t)
	p := c.addPayment("100.00")
	refund := func(key string) answer { return c.post("/refunds", key, `{"paymentId":"`+p+`","amount":"1"}`) }
	if a := refund("not a key"); a.Status != http.StatusBadRequest {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	c.check(t, "a request that is wrong in form", map[string]int{}, map[string]int{})
	if a := refund("first-contact"); a.Status != http.StatusCreated {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	asked := c.table.take()
	delete(asked, "UpdateItem") // leases for the report and for the refund
	if want := map[string]int{"GetItem": 2, "PutItem": 2}; !maps.Equal(asked, want) {
		t.Errorf("first contact asked the table %v, want %v", asked, want)
	}
	if got, want := c.iyzico.take(), map[string]int{"GET /v2/reporting/payment/details": 1, "POST /payment/refund": 1}; !maps.Equal(got, want) {
		t.Errorf("first contact asked iyzico %v, want %v", got, want)
	}
	known := map[string]int{"GetItem": 1, "PutItem": 2}
	call := map[string]int{"POST /payment/refund": 1}
	for i := range 5 {
		if a := refund(fmt.Sprint("key-", i)); a.Status != http.StatusCreated {
			t.Fatalf("%d %s", a.Status, a.Body)
		}
		c.check(t, fmt.Sprintf("refund %d", i), known, call)
	}
	c.function("refund").Close()
	if a := refund("cold"); a.Status != http.StatusCreated {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	c.check(t, "a refund of a new process", known, call)
	if got := c.secrets.count(); got != 2 {
		t.Errorf("the keys were read %d times by 2 processes", got)
	}
}

func TestAReplayCostsOneRead(t *testing.T) {
	t.Parallel()
	c := deployCounted(t)
	p := c.addPayment("100.00")
	body := `{"paymentId":"` + p + `","amount":"1"}`
	first := c.post("/refunds", "key", body)
	if first.Status != http.StatusCreated {
		t.Fatalf("%d %s", first.Status, first.Body)
	}
	c.table.take()
	c.iyzico.take()
	read := map[string]int{"GetItem": 1}
	if a := c.post("/refunds", "key", body); a.Status != http.StatusOK {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	c.check(t, "a replay", read, map[string]int{})
	if a := c.post("/refunds", "key", `{"paymentId":"`+p+`","amount":"2"}`); a.Status != http.StatusUnprocessableEntity {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	c.check(t, "another request with the key", read, map[string]int{})
	if a := c.get("/refunds/" + first.ID); a.Status != http.StatusOK {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	c.check(t, "reading an operation", read, map[string]int{})
	if a := c.get("/payments/" + p); a.Status != http.StatusOK {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	c.check(t, "reading a known payment", read, map[string]int{})
	if a := c.get("/health"); a.Status != http.StatusOK {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	c.check(t, "health", map[string]int{}, map[string]int{})
}

// TestLeasesSaveQuotaWrites: with the default limit of 50 a minute a process takes its slots in blocks.
func TestLeasesSaveQuotaWrites(t *testing.T) {
	t.Parallel()
	c := deployCounted(t, "RATE_LIMIT_PER_MINUTE=50")
	p := c.addPayment("100.00")
	const refunds = 10
	for i := range refunds {
		if a := c.post("/refunds", fmt.Sprint("key-", i), `{"paymentId":"`+p+`","amount":"1"}`); a.Status != http.StatusCreated {
			t.Fatalf("%d %s", a.Status, a.Body)
		}
	}
	// Blocks hold 5 of the 40 shared slots. A minute that ends on the way costs another block of refunds.
	if got := c.table.take()["UpdateItem"]; got > refunds/5+2 {
		t.Errorf("%d quota writes for %d refunds and a report", got, refunds)
	}
}
