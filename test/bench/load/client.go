package load

import (
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// Job is one run.
type Job struct {
	// Addr is the server's, HOST:PORT. The connections to it are kept for the next job.
	Addr string
	// Bodies are sent one after the other, in turns by all connections, from Start on.
	Bodies [][]byte
	Path   string
	// Credential is a header line with an API key or a token to send along; "" sends none.
	Credential string
	// Group names the set of bodies: their answers' lengths are remembered and must stay.
	Group       string
	Start       int
	Connections int
	// The run ends after Requests, or after Duration if that is 0.
	Requests int
	Duration time.Duration
	// KeepAnswers asks for the answers, in the order of the requests.
	KeepAnswers bool
}

// Result is what came of a job.
type Result struct {
	Requests int
	Took     time.Duration
	P50, P99 time.Duration
	Bytes    int64 // of the answers' bodies
	Answers  [][]byte
	// Error is the first answer that was not what it should be; "" if all were.
	Error string
}

// Client is the load generator's process.
type Client struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	enc *gob.Encoder
	dec *gob.Decoder
	// sent are the bodies that the process has, by group.
	sent map[string]bool
}

// Argument makes the benchmark's binary the load generator instead.
const Argument = "load-generator"

// Start starts the process: this binary, with Argument.
func Start() (*Client, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	c := &Client{cmd: exec.Command(self, Argument), sent: map[string]bool{}}
	c.cmd.Stderr = os.Stderr
	c.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if c.in, err = c.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	c.enc, c.dec = gob.NewEncoder(c.in), gob.NewDecoder(out)
	return c, c.cmd.Start()
}

// Run runs a job and waits for its end. An answer that is wrong is an error.
func (c *Client) Run(j Job) (Result, error) {
	if c.sent[j.Group] {
		j.Bodies = nil
	}
	c.sent[j.Group] = true
	if err := c.enc.Encode(j); err != nil {
		return Result{}, fmt.Errorf("tell the load generator: %w", err)
	}
	var r Result
	if err := c.dec.Decode(&r); err != nil {
		return r, fmt.Errorf("hear the load generator: %w", err)
	}
	if r.Error != "" {
		return r, errors.New(r.Error)
	}
	return r, nil
}

// Close ends the process.
func (c *Client) Close() error { return errors.Join(c.in.Close(), c.cmd.Wait()) }
