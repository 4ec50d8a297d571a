package ingress

import (
	"bytes"
	"encoding/json"
	"net/http"

	"github.com/iade/iade/internal/payment"
)

// problemPrefix comes before the slug in a problem's type.
const problemPrefix = "urn:iade:problem:"

// Problem is the body of every answer that is not what was asked for (RFC 9457). Members that do not apply are absent.
type Problem struct {
	Type        string             `json:"type"`
	Title       string             `json:"title"`
	Status      int                `json:"status"`
	Detail      string             `json:"detail,omitempty"`
	Errors      []Fault            `json:"errors,omitempty"`
	Operation   *payment.Resource  `json:"operation,omitempty"`
	OperationID string             `json:"operationId,omitempty"`
	Refundable  string             `json:"refundable,omitempty"`
	Lines       []payment.LineView `json:"lines,omitempty"`
	PaymentIDs  []string           `json:"paymentIds,omitempty"`
	Iyzico      *IyzicoRefusal     `json:"iyzico,omitempty"`
}

// IyzicoRefusal is what iyzico said when it refused. Retryable is absent when that is not known.
type IyzicoRefusal struct {
	ErrorCode    string `json:"errorCode"`
	ErrorMessage string `json:"errorMessage,omitempty"`
	ErrorGroup   string `json:"errorGroup,omitempty"`
	Retryable    *bool  `json:"retryable,omitempty"`
}

// newProblem fills in what the code's row of the reply table says. An empty detail is the row's own.
func newProblem(code payment.Code, detail string) Problem {
	reply := codeReplies[code]
	if detail == "" {
		detail = reply.detail
	}
	return Problem{Type: problemPrefix + string(code), Title: reply.title, Status: reply.status, Detail: detail}
}

// invalid answers a request whose form is wrong with everything that is wrong about it.
func invalid(f *faults) Response {
	detail := "errors names each member at fault and what is allowed there."
	if f.total > len(f.list) {
		detail = "errors names the first members at fault and what is allowed there; there are more."
	}
	problem := newProblem(payment.CodeInvalidRequest, detail)
	problem.Errors = f.list
	return problem.response()
}

func (p Problem) response() Response {
	response := jsonResponse(p.Status, p)
	response.Header.Set("Content-Type", "application/problem+json")
	return response
}

// jsonResponse is the only place where an answer's body and its common headers are made. Bodies are this module's own
// types, so a body that does not marshal is a broken invariant.
func jsonResponse(status int, body any) Response {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(body); err != nil {
		panic("ingress: an answer did not marshal: " + err.Error())
	}
	header := http.Header{}
	header.Set("Content-Type", "application/json")
	header.Set("Cache-Control", "no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	return Response{status, header, buffer.Bytes()}
}

// Fault is one thing in a request that is not as it should be: an element of a problem's errors.
type Fault struct {
	// Field is the member's path (`amount`, `basketItems[1].price`), a query parameter's name, `Idempotency-Key`, or
	// `body` for a body that cannot be read as a JSON object at all.
	Field string `json:"field"`
	// Message says what is allowed there. It never repeats what was sent.
	Message string `json:"message"`
}

// maxFaults bounds the answer to a body that is nothing but faults.
const maxFaults = 100

// bodyField stands for the whole body in Fault.Field.
const bodyField = "body"

// faults collects every fault of one request, so that a caller mends them all at once.
type faults struct {
	list  []Fault
	total int
}

func (f *faults) add(field, message string) {
	f.total++
	if len(f.list) < maxFaults {
		f.list = append(f.list, Fault{field, message})
	}
}

func (f *faults) none() bool { return f.total == 0 }
