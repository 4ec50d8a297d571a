package iyzicotest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
)

// controlRoute is one route of the control side, with what the guide says of it.
type controlRoute struct {
	Method string `json:"method"`
	Path   string `json:"path"`
	// Body is the request's body; a member with a question mark may be left out.
	Body   string `json:"body,omitempty"`
	About  string `json:"about"`
	handle func(*Server, http.ResponseWriter, *http.Request)
}

// controlTable is the control side, whole.
func controlTable() []controlRoute {
	return []controlRoute{
		{"GET", "/_fake/", "", "This guide, as JSON.", (*Server).controlGuide},
		{"POST", "/_fake/payments",
			`{"currency"?,"lines":[{"itemId"?,"paidPrice","price"?}],"createdAt"?,"paymentStatus"?,"fraudStatus"?,"phase"?,"conversationId"?}`,
			"Puts a payment in place. `createdAt` is RFC 3339 and real time. Answers its ids.", (*Server).controlAddPayment},
		{"POST", "/_fake/payments/{paymentId}/review", `{"fraudStatus"}`,
			"Ends the review of a payment in review: 1 takes the money, -1 does not.", (*Server).controlReview},
		{"POST", "/_fake/payments/{paymentId}/capture", "",
			"The shop captures a hold (`PRE_AUTH`): it is charged from now on (`POST_AUTH`).", (*Server).controlCapture},
		{"POST", "/_fake/sessions", `{"balance","currency"?,"paymentType"?,"active"?,"fraudStatus"?}`,
			"Puts a member's session with a balance in place. Answers its tokens.", (*Server).controlAddSession},
		{"POST", "/_fake/panel-refunds", `{"paymentTransactionId","price"}`,
			"The merchant refunds in iyzico's own panel: no path, no conversation id.", (*Server).controlPanelRefund},
		{"POST", "/_fake/balance-refunds/{token}/confirm", "",
			"The customer's yes to a refund to balance. Answers what his browser requests next.", balanceStep((*Ledger).ConfirmBalanceRefund)},
		{"POST", "/_fake/balance-refunds/{token}/decline", "",
			"The customer's no. Answers what his browser requests next.", balanceStep((*Ledger).DeclineBalanceRefund)},
		{"POST", "/_fake/balance-refunds/{token}/approve", "",
			"The merchant's approval in the panel: the money moves now.", (*Server).controlApproveBalance},
		{"GET", "/_fake/executions", "",
			"Every money movement that really happened; `?paymentId=` for one payment's.", (*Server).controlExecutions},
		{"GET", "/_fake/requests", "",
			"Every money request received, refused ones too; `?paymentId=` for one payment's.", (*Server).controlRequests},
		{"GET", "/_fake/faults", "", "The faults still in force, in order.", (*Server).controlListFaults},
		{"POST", "/_fake/faults", `{"path","mode","times"?,"delayMs"?,"errorCode"?,"errorGroup"?,"retryable"?,"httpStatus"?}`,
			"Makes the next requests on a path go wrong. The first fault that fits acts.", (*Server).controlAddFault},
		{"DELETE", "/_fake/faults", "", "Ends all faults.", (*Server).controlClearFaults},
		{"GET", "/_fake/settings", "", "The settings in force.", (*Server).controlGetSettings},
		{"PUT", "/_fake/settings", "any of the settings below",
			"Changes the settings that it names. `report` and `dayList` are replaced whole: `{}` ends their lies.", (*Server).controlPutSettings},
		{"POST", "/_fake/webhooks", `{"paymentId","eventType","to","status"?,"token"?,"merchantId"?,"iyziReferenceCode"?}`,
			"Sends a signed webhook to the URL `to` and answers what the receiver answered: `status` (0 if nobody did), `body` or `error`. " +
				"With `token` in the format of hosted pages, else in the direct one.", (*Server).controlWebhook},
		{"GET", "/_fake/ca.pem", "", "The CA of the TLS certificate.", (*Server).controlCA},
	}
}

// controlRoutes is the control side and the customer's page: everything that is not iyzico's API.
func (s *Server) controlRoutes() *http.ServeMux {
	mux := http.NewServeMux()
	for _, route := range controlTable() {
		path := route.Path
		if path == "/_fake/" {
			path += "{$}"
		}
		mux.HandleFunc(route.Method+" "+path, func(w http.ResponseWriter, r *http.Request) { route.handle(s, w, r) })
	}
	mux.HandleFunc("/_fake/", func(w http.ResponseWriter, _ *http.Request) {
		writeControl(w, http.StatusNotFound, controlError{Error: "no such control route or method; GET /_fake/ lists them"})
	})
	mux.HandleFunc("GET "+pagePath+"{token}", s.balancePage)
	mux.HandleFunc("POST "+pagePath+"{token}", s.balancePage)
	mux.HandleFunc("/", s.unknownPath)
	return mux
}

// unknownPath answers a path that is no endpoint here; what iyzico says then is not documented.
func (s *Server) unknownPath(w http.ResponseWriter, _ *http.Request) {
	writeControl(w, http.StatusNotFound, object{
		{"status", "failure"}, {"errorCode", CodeInvalidRequest}, {"errorMessage", "No such path"},
	})
}

type controlError struct {
	Error string `json:"error"`
	Field string `json:"field,omitempty"`
}

func writeControl(w http.ResponseWriter, status int, value any) {
	body, err := encode(value)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(body, '\n'))
}

// controlFailure answers 400 with the field at fault, 404 or 409 for a refusal, 500 if the journal failed.
func controlFailure(w http.ResponseWriter, err error) {
	var field *fieldError
	var refusal *Refusal
	switch {
	case errors.As(err, &field):
		writeControl(w, http.StatusBadRequest, controlError{Error: field.Error(), Field: field.field})
	case errors.As(err, &refusal):
		status := http.StatusConflict
		switch refusal.Code {
		case CodeInvalidRequest:
			status = http.StatusBadRequest
		case CodeUnknownPayment, CodeCancelUnknownPayment, CodeUnknownPaymentTransaction, CodeUnknownBalanceToken:
			status = http.StatusNotFound
		}
		writeControl(w, status, controlError{Error: refusal.Error()})
	default:
		writeControl(w, http.StatusInternalServerError, controlError{Error: err.Error()})
	}
}

// jsonPath drops the names of embedded Go structs, which encoding/json puts into the paths of its errors. No member of the
// control side begins with a capital.
func jsonPath(path string) string {
	names := strings.Split(path, ".")
	return strings.Join(slices.DeleteFunc(names, func(name string) bool { return name != "" && name[0] >= 'A' && name[0] <= 'Z' }), ".")
}

// readControl reads a JSON object strictly: unknown members, wrong types and anything after it are errors that name the
// field where there is one.
func readControl(r *http.Request, into any) error {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return wrong("body", "unreadable")
	}
	return decodeControl(body, "", into)
}

// decodeControl is readControl on bytes; within is the member that they are the value of, empty for a whole body.
func decodeControl(body []byte, within string, into any) error {
	whole, prefix := "body", ""
	if within != "" {
		whole, prefix = within, within+"."
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		var wrongType *json.UnmarshalTypeError
		var field *fieldError
		switch name, unknown := strings.CutPrefix(err.Error(), "json: unknown field "); {
		case errors.As(err, &field):
			return field
		case errors.As(err, &wrongType) && wrongType.Field != "":
			return wrong(prefix+jsonPath(wrongType.Field), "must be of type %s", wrongType.Type)
		case unknown:
			return wrong(prefix+strings.Trim(name, `"`), "is not known")
		}
		return wrong(whole, "must be a JSON object")
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return wrong(whole, "must be one JSON object")
	}
	return nil
}
