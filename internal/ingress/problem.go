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
