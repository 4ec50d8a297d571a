package iyzicotest

import "net/http"

func (s *Server) controlListFaults(w http.ResponseWriter, _ *http.Request) {
	writeControl(w, http.StatusOK, object{{"faults", s.Faults()}})
}

func (s *Server) controlAddFault(w http.ResponseWriter, r *http.Request) {
	q := struct {
		Fault
		// ErrorCode may come as a number, as some of iyzico's own do (docs/iyzico.md §2.1).
		ErrorCode textOrNumber `json:"errorCode"`
	}{Fault: Fault{Times: 1}}
	if err := readControl(r, &q); err != nil {
		controlFailure(w, err)
		return
	}
	f := q.Fault
	f.ErrorCode = string(q.ErrorCode)
	if err := s.AddFault(f); err != nil {
		controlFailure(w, err)
		return
	}
	writeControl(w, http.StatusCreated, f)
}

func (s *Server) controlClearFaults(w http.ResponseWriter, _ *http.Request) {
	s.ClearFaults()
	writeControl(w, http.StatusOK, object{{"faults", []Fault{}}})
}

func (s *Server) controlGetSettings(w http.ResponseWriter, _ *http.Request) {
	writeControl(w, http.StatusOK, s.Settings())
}

// controlPutSettings changes what the request names and leaves the rest.
func (s *Server) controlPutSettings(w http.ResponseWriter, r *http.Request) {
	q := settingsChange{Settings: s.Settings()}
	if err := readControl(r, &q); err != nil {
		controlFailure(w, err)
		return
	}
	x, err := q.settings()
	if err != nil {
		controlFailure(w, err)
		return
	}
	if err := s.SetSettings(x); err != nil {
		controlFailure(w, err)
		return
	}
	writeControl(w, http.StatusOK, s.Settings())
}

func (s *Server) controlCA(w http.ResponseWriter, _ *http.Request) {
	ca, err := s.CertificateAuthority()
	if err != nil {
		controlFailure(w, err)
		return
	}
	w.Header().Set("Content-Type", "application/x-pem-file")
	_, _ = w.Write(ca)
}
