package runtimeapi

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"time"
)

// Config says how a function runs.
type Config struct {
	Bootstrap string        // the executable
	Env       []string      // NAME=value: the function's own settings; they win over what Lambda sets
	Timeout   time.Duration // after which Lambda kills an invocation; 0 = 29 s
	Log       *Log          // gets what the processes write; nil = nobody
}

// defaultTimeout is what template.yaml gives the functions behind the API.
const defaultTimeout = 29 * time.Second

// Failures of an invocation that are not the function's own answer.
var (
	ErrEnded   = errors.New("the process ended before it answered")
	ErrTimeout = errors.New("the function did not answer within its timeout and was killed")
)

// FunctionError is an error that the function itself reported, for an invocation or for its init.
type FunctionError struct {
	Type    string `json:"errorType"`
	Message string `json:"errorMessage"`
}

// Error is type and message.
func (e *FunctionError) Error() string { return e.Type + ": " + e.Message }

// Environment is one execution environment: at most one process, which takes one invocation at a time. It is safe for
// concurrent use; invocations wait for each other.
type Environment struct {
	config Config
	turn   sync.Mutex // held by the invocation under way

	mu      sync.Mutex
	process *process
}

// NewEnvironment makes an environment without a process: Start or the first Invoke starts one.
func NewEnvironment(c Config) *Environment {
	if c.Timeout == 0 {
		c.Timeout = defaultTimeout
	}
	return &Environment{config: c}
}

// Start starts the process, unless one runs, and waits until it asks for its first invocation. An init that fails is a
// *FunctionError or wraps ErrEnded.
func (e *Environment) Start(ctx context.Context) error {
	p, err := e.running()
	if err != nil {
		return err
	}
	return p.ready(ctx)
}

// Invoke starts a process if none runs, as Lambda does for the next event after a crash, gives it the event and returns
// what it answered. The error is a *FunctionError if the function reported one, ErrEnded if the process went away, and
// ErrTimeout if the function's time was over: its process is then killed. The context's end leaves the process alone.
func (e *Environment) Invoke(ctx context.Context, event []byte) ([]byte, error) {
	e.turn.Lock()
	defer e.turn.Unlock()
	p, err := e.running()
	if err != nil {
		return nil, err
	}
	if err := p.ready(ctx); err != nil {
		return nil, err
	}
	return p.invoke(ctx, event, e.config.Timeout)
}

// Kill ends the process as kill -9 does and waits until it is gone. The next Invoke starts another.
func (e *Environment) Kill() {
	e.mu.Lock()
	p := e.process
	e.mu.Unlock()
	if p != nil {
		p.kill()
	}
}

func (e *Environment) running() (*process, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.process != nil && !e.process.over() {
		return e.process, nil
	}
	p, err := start(e.config)
	if err != nil {
		return nil, err
	}
	e.process = p
	return p, nil
}

// start runs the bootstrap with the variables that Lambda sets, and no others of this process but the test's own AWS
// credentials and region, for a table that checks them.
func start(c Config) (*process, error) {
	p := newProcess()
	cmd := exec.CommandContext(context.Background(), c.Bootstrap)
	cmd.Dir = "/"
	cmd.Env = append([]string{
		"AWS_LAMBDA_RUNTIME_API=" + p.address(),
		"AWS_LAMBDA_FUNCTION_NAME=iade-test", "AWS_LAMBDA_FUNCTION_VERSION=$LATEST", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE=256",
		"AWS_LAMBDA_LOG_FORMAT=JSON", "AWS_EXECUTION_ENV=AWS_Lambda_provided.al2023", "LAMBDA_TASK_ROOT=/var/task", "_HANDLER=bootstrap",
		"TZ=:UTC", "LANG=en_US.UTF-8", "PATH=/usr/local/bin:/usr/bin:/bin",
		own("AWS_REGION", "eu-west-1"), own("AWS_ACCESS_KEY_ID", "local"), own("AWS_SECRET_ACCESS_KEY", "local"), own("AWS_SESSION_TOKEN", ""),
	}, c.Env...)
	if c.Log != nil {
		file, err := c.Log.open()
		if err != nil {
			p.server.Close()
			return nil, err
		}
		// Both share one file description, hence one position: no process writes over another's lines.
		cmd.Stdout, cmd.Stderr = file, file
	}
	if err := p.run(cmd); err != nil {
		return nil, fmt.Errorf("start %s: %w", c.Bootstrap, err)
	}
	return p, nil
}

func own(name, otherwise string) string {
	if value := os.Getenv(name); value != "" {
		return name + "=" + value
	}
	return name + "=" + otherwise
}
