package lambda_test

import (
	"fmt"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"testing"

	"github.com/iade/iade/internal/test/dynamotest"
)

// TestARefundLogsNoMoreThanItsCostSays measures docs/cost.md's ownBytes: what the refund function writes of one refund that
// nothing goes wrong with, at the level that is deployed.
func TestARefundLogsNoMoreThanItsCostSays(t *testing.T) {
	t.Parallel()
	document, err := os.ReadFile("docs/cost.md")
	if err != nil {
		t.Fatal(err)
	}
	match := regexp.MustCompile("\\| `ownBytes` \\| (\\d+) \\|").FindSubmatch(document)
	if match == nil {
		t.Fatal("docs/cost.md has no input ownBytes")
	}
	most, err := strconv.Atoi(string(match[1]))
	if err != nil {
		t.Fatal(err)
	}
	d := deploy(t, dynamotest.Endpoint(t), "LOG_LEVEL=info")
	p := d.addPayment("100.00")
	refund := func(i int) {
		t.Helper()
		if a := d.post("/refunds", fmt.Sprint("key-", i), `{"paymentId":"`+p+`","amount":"1"}`); a.Status != http.StatusCreated {
			t.Fatalf("%d %s", a.Status, a.Body)
		}
	}
	refund(0)
	before := len(logged(t, d.log))
	const refunds = 10
	for i := range refunds {
		refund(1 + i)
	}
	if each := (len(logged(t, d.log)) - before) / refunds; each > most || each < most/2 {
		t.Errorf("a refund logs %d bytes, docs/cost.md says %d", each, most)
	}
}
