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

// controlRoutes is the control side and the customer's page: everything that is not iyzico's API.
func (s *Server) controlRoutes() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /_fake/payments", s.controlAddPayment)
	mux.HandleFunc("POST /_fake/payments/{paymentId}/review", s.controlReview)
	mux.HandleFunc("POST /_fake/sessions", s.controlAddSession)
	mux.HandleFunc("POST /_fake/panel-refunds", s.controlPanelRefund)
	mux.HandleFunc("POST /_fake/balance-refunds/{token}/confirm", s.controlAnswerBalance((*Ledger).ConfirmBalanceRefund))
	mux.HandleFunc("POST /_fake/balance-refunds/{token}/decline", s.controlAnswerBalance((*Ledger).DeclineBalanceRefund))
	mux.HandleFunc("POST /_fake/balance-refunds/{token}/approve", s.controlApproveBalance)
	mux.HandleFunc("GET /_fake/executions", s.controlExecutions)
	mux.HandleFunc("GET /_fake/requests", s.controlRequests)
	mux.HandleFunc("GET /_fake/faults", s.controlListFaults)
	mux.HandleFunc("POST /_fake/faults", s.controlAddFault)
	mux.HandleFunc("DELETE /_fake/faults", s.controlClearFaults)
	mux.HandleFunc("GET /_fake/settings", s.controlGetSettings)
	mux.HandleFunc("PUT /_fake/settings", s.controlPutSettings)
	mux.HandleFunc("GET /_fake/ca.pem", s.controlCA)
	mux.HandleFunc("/_fake/", func(w http.ResponseWriter, _ *http.Request) {
		writeControl(w, http.StatusNotFound, controlError{Error: "no such control route or method"})
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
		case CodeUnknownPayment, CodeUnknownPaymentTransaction, CodeUnknownBalanceToken:
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
