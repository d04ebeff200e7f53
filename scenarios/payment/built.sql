-- A payment, from parts: each \if that asks for a parameter is a choice.
--   :balance      1 read it, then write it   2 … FOR UPDATE   3 one guarded UPDATE
--   :keyed        1 no key   2 look for it, record it at the end   3 insert it at once
--   :first        1 the key   2 the balance
--   :transaction  1 none   2 READ COMMITTED   3 SERIALIZABLE
--   :repeat       is answered: 1 409   2 the receipt of the first
-- retry: 40001, 40P01
-- reply: receipt
\set receipt 0
\if :transaction = 2
begin isolation level read committed;
\elif :transaction = 3
begin isolation level serializable;
\endif
\if :first = 1
  \if :keyed = 1
    \set known 0
  \elif :keyed = 2
    \set known 0
    select receipt, 1 as known from payment where key = :key \aset
  \else
    \set known 1
    insert into payment (key, amount) values (:key, :amount)
      on conflict (key) do nothing returning receipt, 0 as known \aset
  \endif
  \if :known = 1
    \if :repeat = 1
      \set status 409
    \elif :keyed = 3
      select receipt from payment where key = :key \gset
    \endif
    \if :transaction > 1
      commit;
    \endif
  \else
    \if :balance = 1
      select balance - :amount as rest, balance >= :amount as enough
        from account where id = 1 \gset
    \elif :balance = 2
      select balance - :amount as rest, balance >= :amount as enough
        from account where id = 1 for update \gset
    \else
      \set enough 0
      update account set balance = balance - :amount
        where id = 1 and balance >= :amount returning 1 as enough \aset
    \endif
    \if :enough
      \if :balance < 3
        update account set balance = :rest where id = 1;
      \endif
      \if :keyed = 1
        insert into payment (amount) values (:amount) returning receipt \gset
      \elif :keyed = 2
        insert into payment (key, amount) values (:key, :amount)
          returning receipt \gset
      \endif
      \if :transaction > 1
        commit;
      \endif
    \else
      \set status 409
      \if :transaction > 1
        rollback;
      \endif
    \endif
  \endif
\else
  \if :balance = 1
    select balance - :amount as rest, balance >= :amount as enough
      from account where id = 1 \gset
  \elif :balance = 2
    select balance - :amount as rest, balance >= :amount as enough
      from account where id = 1 for update \gset
  \else
    \set enough 0
    update account set balance = balance - :amount
      where id = 1 and balance >= :amount returning 1 as enough \aset
  \endif
  \if :enough
    \if :keyed = 1
      \set known 0
    \elif :keyed = 2
      \set known 0
      select receipt, 1 as known from payment where key = :key \aset
    \else
      \set known 1
      insert into payment (key, amount) values (:key, :amount)
        on conflict (key) do nothing returning receipt, 0 as known \aset
    \endif
    \if :known = 1
      \if :transaction > 1
        rollback;
      \endif
      \if :repeat = 1
        \set status 409
      \elif :keyed = 3
        select receipt from payment where key = :key \gset
      \endif
    \else
      \if :balance < 3
        update account set balance = :rest where id = 1;
      \endif
      \if :keyed = 1
        insert into payment (amount) values (:amount) returning receipt \gset
      \elif :keyed = 2
        insert into payment (key, amount) values (:key, :amount)
          returning receipt \gset
      \endif
      \if :transaction > 1
        commit;
      \endif
    \endif
  \else
    \set status 409
    \if :transaction > 1
      rollback;
    \endif
  \endif
\endif
