package api

import (
	"bytes"
	"cmp"
	"io"
	"net"
	"net/http"
	"testing"
	"time"
)

// Target is one way in which iade can be run and reached.
type Target struct {
	// Start runs iade with a store and a fake iyzico of its own and returns when both answer. It ends them in the test's
	// clean-up. Nothing of one system is seen in another.
	Start func(t *testing.T, o Options) System
}

// Options say how a system is set. SETTLE_WINDOW is always 10s, as cmd/local has it with its own fake.
type Options struct {
	IyzicoTimeout         time.Duration // IYZICO_TIMEOUT; 0 = the contract's 20s, which no call to the fake takes on a busy machine
	RatePerMinute         int           // RATE_LIMIT_PER_MINUTE; 0 = more than any case needs
	IyzicoDown            bool          // nothing listens where iyzico should be; FakeURL is then empty
	Marketplace           bool          // MARKETPLACE=on
	MaxRefundAmountPerDay string        // MAX_REFUND_AMOUNT_PER_DAY; empty = no limit
	MaxRefundsPerHour     int           // MAX_REFUNDS_PER_HOUR; 0 = no limit
	NewMoneyOff           string        // NEW_MONEY_REASON with NEW_MONEY=off; empty = new money is on
}

// impatient is cmd/local's timeout with its own fake, for cases that wait it out.
const impatient = 5 * time.Second

// System is one running iade.
type System struct {
	// FakeURL is scheme and host of the fake iyzico, for its control side.
	FakeURL string
	// Do sends one request and returns the whole answer, a redirect too. Only a failure of the means of transport is an error.
	Do func(Request) (Reply, error)
	// Secrets are the keys that this iade signs requests to iyzico with.
	Secrets []string
	// Traces gives everything that iade has written so far: its store's files, its log, its events. nil = cannot tell.
	Traces func(t *testing.T) []Trace
	// Publish lets the journal have every change that was saved before, where it follows the table's stream. nil = a change
	// is in the journal as soon as it is saved.
	Publish func(t *testing.T)
}

// Request is one HTTP request. Values of a header that stand apart are sent apart, as far as the entrance can do so.
type Request struct {
	Method   string
	Path     string
	RawQuery string
	Header   http.Header
	Body     []byte
}

// Reply is one HTTP answer.
type Reply struct {
	Status int
	Header http.Header
	Body   []byte
}

// Trace is something that iade wrote.
type Trace struct {
	Name string
	Data []byte
}

// settleTime is how long an operation may take to become definite with cmd/local's settle window of 10 s and iyzico's
// timeout of 5 s (30 s are promised where there is something to find), with room for a busy machine.
const settleTime = 90 * time.Second

// Over is System.Do for an iade that listens at an origin. Requests go as they are, on connections that are kept, and no
// redirect is followed: it leads to a shop that does not exist.
func Over(origin string) func(Request) (Reply, error) {
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return func(req Request) (Reply, error) {
		sent, err := http.NewRequest(req.Method, origin+req.Path, bytes.NewReader(req.Body))
		if err != nil {
			return Reply{}, err
		}
		sent.URL.RawQuery, sent.Header = req.RawQuery, req.Header
		answer, err := client.Do(sent)
		if err != nil {
			return Reply{}, err
		}
		body, err := io.ReadAll(answer.Body)
		return Reply{Status: answer.StatusCode, Header: answer.Header, Body: body}, cmp.Or(err, answer.Body.Close())
	}
}

// ClosedPort is the URL of a port at which nothing listens.
func ClosedPort(t testing.TB) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return "http://" + listener.Addr().String()
}
