/* Seven clients read n, then write what they read plus one: every order, as bench/against_spin.sh has Spin follow them.
   With -DRESET a client forgets what it read once that is used: what a careful modeller adds to help Spin's state matching. */
byte n, finished;

active [7] proctype Client() {
  byte seen;
  seen = n;
  d_step {
    n = seen + 1;
    finished++;
#ifdef RESET
    seen = 0;
#endif
    assert(finished < 7 || n == 7)
  }
}
