package console

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/iade/iade/internal/words"
)

const (
	// askTime bounds one request: the gateway in front of a deployed iade cuts at 30 s.
	askTime = 40 * time.Second
	// maxAnswer bounds what is read of one answer.
	maxAnswer = 8 << 20
)

// answer is what the API said.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// replayed tells whether the API knew the key, and sent nothing.
func (a answer) replayed() bool { return a.header.Get("Idempotent-Replayed") == "true" }

// request is one question to the API.
type request struct {
	method, path string
	key          string
	accept       string
	body         any // nil = none; else written as JSON
}

// Refusal is why there is no answer of use: iade's own problem, a gateway's, or none at all.
type Refusal struct {
	Status      int    // 0 = nothing was answered
	Type        string `json:"type"`
	Title       string `json:"title"`
	Detail      string `json:"detail"`
	Refundable  string `json:"refundable"`
	OperationID string `json:"operationId"`
	Said        string `json:"error"` // a fake iyzico's sentence
	Errors      []struct {
		Field   string `json:"field"`
		Message string `json:"message"`
	} `json:"errors"`
	Operation  *Operation `json:"operation"`
	PaymentIDs []string   `json:"paymentIds"`
	Iyzico     *struct {
		ErrorCode string `json:"errorCode"`
	} `json:"iyzico"`

	RetryAfter time.Duration `json:"-"`
	Replayed   bool          `json:"-"`
	cause      error
}

func (no *Refusal) Error() string {
	if no.cause != nil {
		return no.cause.Error()
	}
	return fmt.Sprintf("HTTP %d %s", no.Status, cmp.Or(no.Slug(), "not iade's own answer"))
}

func (no *Refusal) Unwrap() error { return no.cause }

// Slug names the problem, "" if the answer is not iade's own.
func (no *Refusal) Slug() string { return words.Slug(no.Type) }

// Heading says in one line what is wrong.
func (no *Refusal) Heading(l words.Language) string {
	if p, known := words.ProblemOf(no.Slug()); known {
		return p.Means.In(l)
	}
	switch no.Status {
	case 0:
		return words.Text{"iade's API did not answer", "iade'nin API'si yanıt vermedi"}.In(l)
	case http.StatusUnauthorized, http.StatusForbidden:
		return words.Text{"The API does not let you do this", "API buna izin vermiyor"}.In(l)
	}
	return words.Text{"This is not iade's own answer", "Bu iade'nin kendi yanıtı değil"}.In(l)
}

// Todo says what to do now.
func (no *Refusal) Todo(l words.Language) string {
	if seconds := int(no.RetryAfter.Seconds()); no.Status == http.StatusTooManyRequests && seconds > 0 {
		return fmt.Sprintf(words.Text{"Try the same again on this page in %d seconds: nothing is sent twice.", "Aynısını %d saniye sonra bu sayfada yeniden deneyin: hiçbir şey iki kez gönderilmez."}.In(l), seconds)
	}
	if p, known := words.ProblemOf(no.Slug()); known {
		return p.Do.In(l)
	}
	switch no.Status {
	case 0:
		return words.Text{"Load the page again in a moment. Nothing is known from this; do not give money back another way meanwhile.",
			"Birazdan sayfayı yeniden yükleyin. Bundan bir şey anlaşılmaz; bu arada parayı başka yolla geri vermeyin."}.In(l)
	case http.StatusUnauthorized, http.StatusForbidden:
		return words.Text{"Use credentials that are valid now and have the scope for it.", "Şu an geçerli olan ve bunun kapsamına sahip kimlik bilgileri kullanın."}.In(l)
	}
	return words.Text{"A gateway or another program answered. Look at the API's address.", "Bir ağ geçidi veya başka bir program yanıt verdi. API adresine bakın."}.In(l)
}

// asRefusal gives the refusal in an error; what is none becomes one that says nothing was answered.
func asRefusal(err error) *Refusal {
	var no *Refusal
	if errors.As(err, &no) {
		return no
	}
	return &Refusal{cause: err}
}

// notKept tells whether the API does not keep what was asked for, because it was set up without.
func notKept(err error) bool { return asRefusal(err).Slug() == "not-implemented" }

// do asks the API. Whatever is no success is a *Refusal.
func (c *Console) do(ctx context.Context, q request) (answer, error) {
	return ask(ctx, c.API, q)
}

// get makes a GET and reads the answer into a value; nil = it is not looked at. Members that it does not know may be there.
func (c *Console) get(ctx context.Context, path string, into any) error {
	said, err := c.do(ctx, request{method: http.MethodGet, path: path})
	if err != nil || into == nil {
		return err
	}
	return understand(said, into)
}

func understand(said answer, into any) error {
	if err := json.Unmarshal(said.body, into); err != nil {
		return &Refusal{Status: http.StatusBadGateway, cause: fmt.Errorf("the answer has not the form of iade's API: %w", err)}
	}
	return nil
}

// ask carries one request out over a transport.
func ask(ctx context.Context, transport http.RoundTripper, q request) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	var body []byte
	if q.body != nil {
		var err error
		if body, err = json.Marshal(q.body); err != nil {
			return answer{}, fmt.Errorf("write request: %w", err)
		}
	}
	r, err := http.NewRequestWithContext(ctx, q.method, "http://iade"+q.path, bytes.NewReader(body))
	if err != nil {
		return answer{}, fmt.Errorf("make request: %w", err)
	}
	r.Header.Set("Accept", cmp.Or(q.accept, "application/json"))
	if q.body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if q.key != "" {
		r.Header.Set("Idempotency-Key", q.key)
	}
	if token := tokenIn(ctx); token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := transport.RoundTrip(r)
	if err != nil {
		return answer{}, &Refusal{cause: fmt.Errorf("ask %s: %w", q.path, err)}
	}
	said, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	if err = errors.Join(err, response.Body.Close()); err != nil {
		return answer{}, &Refusal{cause: fmt.Errorf("read answer: %w", err)}
	}
	if len(said) > maxAnswer {
		return answer{}, &Refusal{cause: fmt.Errorf("the answer is longer than %d bytes", maxAnswer)}
	}
	a := answer{response.StatusCode, response.Header, said}
	if a.status/100 == 2 {
		return a, nil
	}
	no := &Refusal{}
	if json.Unmarshal(said, no) != nil {
		no = &Refusal{} // a page of a gateway's
	}
	no.Status, no.Replayed = a.status, a.replayed()
	if seconds, err := strconv.ParseUint(a.header.Get("Retry-After"), 10, 31); err == nil {
		no.RetryAfter = time.Duration(seconds) * time.Second
	}
	return a, no
}
