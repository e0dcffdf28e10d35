-- A notebook as version 1 wrote it.
INSERT INTO room VALUES (1, 'r1', '{"name":"점심 모임","you":{"id":"m1","nickname":"민지","number":3},"limits":{"message_bytes":65536,"nickname_graphemes":32,"rate_per_second":1000,"rate_burst":2000,"members":256},"can":["history"],"keeps":{"kind":"everything"}}', 'e1', 2, 'AgICAgICAgICAgICAgICAg', 0);
INSERT INTO entries VALUES (1, '{"seq":1,"at":1763695166000,"hash":"AQEBAQEBAQEBAQEBAQEBAQ","by":{"id":"m2","nickname":"지수","number":0},"kind":"said","id":"y1","text":"안녕"}');
INSERT INTO entries VALUES (2, '{"seq":2,"at":1763695167000,"hash":"AgICAgICAgICAgICAgICAg","by":{"id":"m2","nickname":"지수","number":0},"kind":"renamed","from":"수지"}');
INSERT INTO lines VALUES (2, 'x2', '둘', 1763695169000, NULL);
INSERT INTO lines VALUES (1, 'x1', '하나', 1763695168000, NULL);
INSERT INTO lines VALUES (3, 'x0', '너무 길다', 1763695167500, 'too_long');
PRAGMA user_version = 1;
