# 사람이 읽는 모든 말. 열쇠와 변수는 en.ftl과 같아요. 조사는 데이터에 기대지 않아요: 사람은 님, 방은 에/에서/의.

app = 마루
app-unread = ({ $n }) { $room } · 마루
app-room = { $room } · 마루

# 첫 화면
welcome = 마루에 모여요
welcome-hint = 이 컴퓨터에 방을 열거나, 초대받은 방에 들어가요.
nickname = 여기서 쓸 이름
nickname-reroll = 다른 이름 고르기
nickname-hint = 다른 사람에게 이 이름으로 보여요.
host = 방 열기
host-options = 방 설정
hosting = 여는 중
room-name = 방 이름
room-default = { $me } 님의 마루
host-more = 더 보기
keep = 남길 대화
keep-everything = 모두
keep-last = 최근 메시지만
keep-nothing = 남기지 않기
keep-everything-hint = 이 컴퓨터에 모두 남아요. 방을 다시 열면 그대로 이어져요.
keep-last-hint = 정한 만큼만 이 컴퓨터에 남고, 더 오래된 메시지는 지워져요.
keep-nothing-hint = 디스크에 쓰지 않아요. 방이 닫히면 모두 사라지고, 찾기도 할 수 없어요.
keep-entries = 남길 메시지 수
keep-entries-wrong = 1부터 1,000,000,000까지의 숫자예요. 다시 확인해 주세요.
host-known = 이 이름으로 열었던 방이 있어요. 다시 열면 그 방이 이어져요.
port = 포트
port-hint = 다른 사람이 접속할 번호예요. 이미 쓰고 있으면 다음 빈 번호로 열어요.
host-open = 방 열기
join-title = 주소로 들어가기
join-address = 초대 주소 붙여 넣기
join = 들어가기
joining = 들어가는 중
join-cancel = 취소
target = { $host }, { $port }번 포트로 가요
target-tls = { $host }, { $port }번 포트로 암호화해서 가요
recent = 최근 방
recent-hosted = 내가 연 방
recent-join = { $room }에 다시 들어가기
recent-host = 다시 열기: { $room }
recent-forget = 지우기: { $room }

# 손님
guest-lead = 초대받았어요
guest-room-unknown = 방에 들어가요
guest-count = { $n }명이 있어요
guest-name = 어떤 이름으로 들어갈까요?
guest-enter = 들어가기
guest-passphrase = 방의 암호
guest-passphrase-hint = 방장에게 물어보세요.
guest-http = 같은 네트워크에서 엿볼 수 있어요. 비밀은 적지 마세요.

# 방
rooms = 방
rooms-unread = 안 읽은 메시지 { $n }개
rooms-add = 다른 방
rooms-back = 방 목록으로
room-back = 방으로 돌아가기
member-count = { $n }명
kept-here = 남아 있는 대화
details = 사람과 방
details-show = 누가 있는지 보기
details-hide = 누가 있는지 숨기기
invite = 초대
people = 사람
people-away = 다시 연결되면 누가 있는지 보여요.
member-you = 나
member-host = 방장
members-more = 더 보기
members-rest = 외 { $n }명
stop-hosting = 방 닫기
leave = 방에서 나가기
forget = 여기 남은 대화 지우기
timeline = { $room }의 대화
history-loading = 지난 대화를 가져오는 중
history-away = 더 오래된 대화는 다시 연결되면 볼 수 있어요
history-start = 여기서부터 시작이에요
keeps-everything = 이 방의 대화는 모두 방장의 컴퓨터에 남아요.
keeps-last = 이 방에는 최근 메시지 { $n }개까지만 남아요.
keeps-nothing = 이 방은 대화를 남기지 않아요. 방이 닫히면 모두 사라져요.
room-empty = 첫 이야기를 건네 보세요
room-empty-hint = 여기 쓰면 방에 있는 모두에게 보여요.
composer = 메시지 쓰기
send = 보내기
composer-hint = Enter로 보내고, Shift+Enter로 줄을 바꿔요
pending = 보내는 중
queued = 연결되면 보낼게요
queued-disk = 저장할 수 있게 되면 보낼게요
failed = 보내지 못했어요. { $why }
retry = 다시 보내기
give-up = 지우기
unread = 여기까지 읽었어요
new-pill = 새 메시지 { $n }개
to-bottom = 가장 최근 메시지로
show-all = 모두 보기
copy = 복사
copied = 복사했어요
copy-failed = 복사하지 못했어요. 글자를 골라 직접 복사해 주세요.
copy-code = 코드 복사

joins-one = { $name } 님이 들어왔어요
joins = { $name } 님 외 { $n }명이 들어왔어요
lefts-one = { $name } 님이 나갔어요
lefts = { $name } 님 외 { $n }명이 나갔어요
visits-one = { $name } 님이 잠깐 다녀갔어요
visits = { $name } 님 외 { $n }명이 잠깐 다녀갔어요
renamed = { $old } 님은 이제 { $new } 님이에요
newer-maru = 더 새로운 마루에서 볼 수 있는 내용이에요
binary-data = { $name } 님이 글이 아닌 데이터 { $n }바이트를 보냈어요
gap-trimmed = 이 사이 대화는 남아 있지 않아요
gap-new_epoch = 여기서 방이 새로 시작됐어요
gap-diverged = 여기서 방이 백업에서 되살아나, 그 뒤로는 위와 다르게 이어졌어요
typing-one = { $name } 님이 쓰고 있어요
typing-two = { $name } 님과 { $other } 님이 쓰고 있어요
typing-many = 여러 명이 쓰고 있어요
search = 메시지 찾기
search-placeholder = 이 방에서 찾기
search-close = 찾기 닫기
search-clear = 지우고 다시 찾기
search-hint = 한 글자만 써도 바로 찾아요. 여러 낱말을 쓰면 모두 들어간 메시지를 찾아요.
search-waiting = 찾는 중
search-none = 결과가 없어요. 더 짧게 찾아보세요.
search-count = { $n }개를 찾았어요
search-older = 더 오래된 결과
search-again = 다시 찾기
search-offline = 연결이 끊겨서 지금은 찾을 수 없어요. 다시 연결되면 이어서 찾을게요.
search-keeps-nothing = 대화를 남기지 않는 방이라 찾을 수 없어요.
search-cannot = 이 방에서는 찾기를 쓸 수 없어요. 방장에게 마루 업데이트를 부탁해 주세요.
excerpt = 지난 대화를 보고 있어요
excerpt-back = 지금 대화로
excerpt-gone = 이 메시지는 이제 남아 있지 않아요.
excerpt-end = 여기까지가 가장 최근이에요
export-open = 대화 내보내기
export = 내보내기
export-title = 대화를 파일로 내보내기
export-format = 파일 형식
export-html = 읽기 좋은 문서 (HTML)
export-jsonl = 스크립트용 자료 (JSONL)
export-whole = 이 컴퓨터에 남아 있는 대화가 모두 들어가요. 지운 메시지는 빠져요.
export-loaded = 지금 이 화면에 불러온 대화만 들어가요. 더 담으려면 위로 올려 더 불러오세요.
export-saved = 저장했어요
export-handed = 브라우저가 파일을 내려받고 있어요.
export-folder = 폴더 열기

# 연결
reconnect =
    { $n ->
        [0] 연결이 끊겼어요. 지금 다시 연결해요.
       *[other] 연결이 끊겼어요. { $n }초 뒤 다시 연결해요.
    }
reconnect-why = { $why } { $n }초 뒤 다시 연결해요.
away =
    { $n ->
        [0] 지금은 방에 닿지 않아요. 이 컴퓨터에 남아 있는 대화예요. 지금 다시 연결해요.
       *[other] 지금은 방에 닿지 않아요. 이 컴퓨터에 남아 있는 대화예요. { $n }초 뒤 다시 연결해요.
    }
connecting = 연결하는 중
disk = 방장의 컴퓨터에 지금은 저장할 수 없어요. 쓴 메시지는 기다렸다가 저장할 수 있게 되면 보내요.
disk-own = 이 컴퓨터의 디스크에 저장할 수 없어요. 빈 곳을 만들어 주세요. 메시지는 기다렸다가 보내요.
notebook-in_use = 이 방은 이 컴퓨터의 다른 마루에서도 열려 있어요. 거기서 닫기 전에는, 여기서 쓴 것이 디스크에 남지 않아요.
notebook-newer = 더 새로운 마루가 남긴 방이에요. 마루를 업데이트하기 전에는, 여기서 쓴 것이 디스크에 남지 않아요.
notebook-full = 이 컴퓨터에 남은 방이 너무 많아서, 여기서 쓴 것이 디스크에 남지 않아요. 최근 방에서 안 쓰는 방을 지워 주세요.
notebook-set_aside = 이 컴퓨터에 남아 있던 것을 읽지 못해서 따로 치워 뒀어요. 지금부터 새로 남겨요.
notebook-unwritable = 디스크에 쓸 수 없어서, 여기서 쓴 것이 이 컴퓨터에 남지 않아요. 빈 곳이 있는지 확인해 주세요.
host-failed = 방에 문제가 생겨 닫혔어요. 다시 열면 이어서 이야기할 수 있어요.
try-now = 지금 연결
ended-left = 방에서 나왔어요
ended-room_closed = 방장이 방을 닫았어요. 대화는 남아 있어요.
ended-stopped = 방을 닫았어요. 대화는 남아 있어요.
ended-stopped-unkept = 방을 닫았어요. 남기지 않는 방이라, 이 화면을 닫으면 대화도 사라져요.
ended-room_closed-unkept = 방장이 방을 닫았어요. 남기지 않는 방이라, 이 화면을 닫으면 대화도 사라져요.
ended-other = 방에서 나오게 됐어요. { $why }
rejoin = 다시 들어가기
reopen = 다시 열기
close-room = 목록에서 치우기

# 초대
invite-title = 이제 사람들을 불러 보세요
invite-lead = 같은 와이파이에서 이 주소를 열면 바로 들어와요.
invite-text = ‘{ $room }’에서 이야기해요. 같은 와이파이에서 열어 주세요: { $url }
invite-copy-address = 주소 복사
invite-copy-text = 초대 글 복사
invite-others = 다른 주소 { $n }개
invite-qr = { $url } 주소의 QR 코드
invite-scan = 휴대폰으로 찍어도 돼요
invite-none = 네트워크를 찾지 못했어요. 와이파이에 연결하고 방을 다시 열어 주세요.
invite-loopback = 이 컴퓨터에서만 쓸 수 있는 주소예요. 와이파이에 연결하면 다른 사람을 부를 수 있어요.
kind-lan = 같은 네트워크
kind-vpn = VPN을 거쳐
kind-virtual = 가상 네트워크
kind-loopback = 이 컴퓨터만
kind-name = 이 컴퓨터의 이름
reach-ok = 다른 기기에서 들어올 수 있어요 ✓
reach-wait = 아직 들어온 기기가 없어요
port-moved = { $a }번 포트를 쓸 수 없어 { $b }번으로 열었어요

# 대화 상자
close = 닫기
cancel = 취소
leave-title = { $room }에서 나갈까요?
leave-text = 방은 그대로 이어져요. 열려 있는 동안 다시 들어올 수 있어요.
forget-title = { $room }의 대화를 지울까요?
forget-text = 이 컴퓨터에 남은 이 방의 대화와, 아직 보내지 못한 메시지를 지워요. 방장과 다른 사람에게 있는 것은 그대로예요.
forget-text-own = 내가 연 이 방을 대화까지 모두 지워요. 되돌릴 수 없어요. 다른 사람에게 있는 사본은 그대로예요.
forget-confirm = 지우기
stop-title = { $room }의 문을 닫을까요?
stop-text =
    { $n ->
        [0] 다른 사람은 없어요.
       *[other] 다른 { $n }명이 있어요. 대화는 각자에게 남아 있어요.
    }
stop-confirm = 방 닫기
quit-title = 끝내면 { $n }명이 있는 방이 닫혀요
quit-text = 다들 이야기하는 동안에는 창을 열어 두세요.
quit-confirm = 방을 닫고 끝내기
quit-stay = 남아 있기
link-title = 이 링크를 열까요?
link-host = 여기로 가요
link-open = 열기
link-copy = 링크 복사

# 설정
settings = 설정
settings-name = 이름
settings-name-hint = 열려 있는 모든 방에서 바뀌어요.
settings-name-save = 바꾸기
settings-name-saved = 바꿨어요
language = 언어
language-system = 이 기기와 같게
language-ko = 한국어
language-en = English
theme = 테마
theme-system = 이 기기와 같게
theme-light = 밝게
theme-dark = 어둡게
data = 내 데이터
data-notice = 마루에는 계정도 서버도 없어요. 대화는 기기에서 기기로 바로 가요. 내가 연 방은 방을 열 때 정한 만큼 이 기기에 남고, 들어간 방의 대화와 설정도 이 기기에만 저장해요.
data-notice-guest = 대화는 방장의 컴퓨터를 거쳐 방에 있는 모두에게 가요. 이 브라우저에는 이름과 설정만 저장해요.
help = 문제가 있을 때
diagnostics = 진단 정보 복사
diagnostics-hint = 오류를 알릴 때 쓰는 버전과 설정이에요. 대화 내용은 들어가지 않아요.
diagnostics-copied = 복사했어요. 오류를 알릴 때 붙여 넣어 주세요.
about = 마루에 대해
about-text = 마루는 MIT 또는 Apache 2.0으로 쓰는 자유 소프트웨어예요.
licences = 함께 쓰인 오픈 소스
licences-text = 마루는 여러 사람의 작업 위에 만들어졌어요. 각각의 라이선스는 프로그램과 함께 있는 THIRD-PARTY-NOTICES.md 파일에 있어요.
prefs-broken = 설정을 읽지 못했어요. 원래 파일은 { $file } 이름으로 옮겨 두고 새 설정으로 시작했어요.
prefs-broken-short = 설정을 읽지 못해 새 설정으로 시작했어요.
understood = 알겠어요

# 키보드
switcher = 방으로 가기
switcher-hint = 방 이름 또는 초성
switcher-none = 그런 이름의 방이 없어요. 더 짧게 찾아보세요.
keys = 키보드
keys-send = 보내기
keys-newline = 줄 바꾸기
keys-search = 메시지 찾기
keys-switcher = 방으로 가기
keys-next-room = 다음 방, 이전 방
keys-unread = 안 읽은 방으로
keys-settings = 설정
keys-details = 사람과 방
keys-messages = 메시지 사이 옮겨 가기
keys-close = 닫기, 그다음 맨 아래로
keys-sheet = 이 목록

# 무엇이 잘못됐고 어떻게 하면 되는지. 줄표 뒤는 코드예요.
error-unknown = 잘되지 않았어요. 잠시 뒤 다시 해 주세요.
error-address_empty = 받은 주소를 붙여 넣어 주세요.
error-address_unreadable = 주소를 알아볼 수 없어요. 예: 192.168.0.10:4567
error-address_scheme = 마루가 쓸 수 없는 주소예요. http나 ws로 시작하는 주소를 넣어 주세요.
error-address_port = 포트는 1부터 65535까지의 숫자예요. 다시 확인해 주세요.
error-address_too_long = 주소가 너무 길어요. 주소만 붙여 넣어 주세요.
error-invite_incomplete = 초대 주소의 일부가 빠졌어요. 전부 다시 복사해 주세요.
error-port_taken = 이미 쓰고 있는 포트예요. 다른 번호를 넣거나 비워 두세요.
error-port_forbidden = 1024보다 작은 포트는 이 시스템에서 쓸 수 없어요. 더 큰 번호를 넣어 주세요.
error-address_unavailable = 이 컴퓨터에 없는 주소예요. 네트워크를 확인하고 다시 해 주세요.
error-already_hosting = 이미 방을 열고 있어요. 먼저 그 방을 닫아 주세요.
error-bad_room_name = 방 이름은 보이는 글자 1–64자예요. 줄여 주세요.
error-bad_nickname = 이름은 보이는 글자 1–32자예요. 바꿔 주세요.
error-nickname_taken = 이미 쓰는 이름이에요. 바꿔 주세요.
error-prefs_unwritable = 설정을 저장하지 못했어요. 디스크에 빈 곳이 있는지 확인해 주세요.
error-not_joined = 이 방에서 나온 상태예요. 먼저 다시 들어가 주세요.
error-link_scheme = 마루는 웹과 메일 링크만 열어요. 대신 복사해 주세요.
error-too_long = 한 메시지로는 너무 길어요. 나눠서 보내 주세요.
error-outbox_full = 기다리는 메시지가 너무 많아요. 연결된 뒤에 보내 주세요.
error-not_found = 주소를 찾지 못했어요. 철자를 확인해 주세요.
error-refused = 열린 방이 없어요. 포트를 확인해 주세요.
error-timeout = 응답이 없어요. 같은 와이파이인지 확인해 주세요.
error-not_a_room = 채팅방이 아니에요. 주소를 확인해 주세요.
error-other_room = 지금은 다른 방이 열려 있어요. 방장에게 새 초대를 받아 주세요.
error-forbidden = 여기서는 들어갈 수 없는 방이에요. 방장에게 다른 주소를 물어보세요.
error-tls = 인증서가 올바르지 않아요. 방장에게 확인하고 들어가세요.
error-room_full = 자리가 없어요. 나중에 들어와 주세요.
error-address_full = 같은 네트워크에서 너무 많이 들어와 있어요. 나중에 들어와 주세요.
error-lost = 연결이 끊겼어요. 네트워크를 확인해 주세요.
error-room_closed = 방장이 방을 닫았어요. 다시 열어 달라고 해 주세요.
error-rejected = 보낸 것을 방이 받아 주지 않았어요. 다시 들어가 천천히 보내 주세요.
error-left = 방에서 나왔어요. 이야기하려면 다시 들어가 주세요.
error-not_json = 방이 알아듣지 못했어요. 양쪽의 마루를 업데이트해 주세요.
error-not_text = 방이 알아듣지 못했어요. 양쪽의 마루를 업데이트해 주세요.
error-unknown_type = 방의 마루가 오래돼서 할 수 없어요. 방장에게 업데이트를 부탁해 주세요.
error-bad_frame = 방이 알아듣지 못했어요. 양쪽의 마루를 업데이트해 주세요.
error-hello_first = 방이 아직 누구인지 몰라요. 다시 해 주세요.
error-already_here = 이미 들어와 있어요.
error-bad_signature = 방이 본인인지 확인하지 못했어요. 나갔다가 다시 들어와 주세요.
error-empty = 내용이 비어 있어요. 먼저 적어 주세요.
error-id_reused = 같은 번호의 다른 메시지가 방에 있어요. 다시 보내 주세요.
error-too_fast = 방이 받기에 너무 빨라요. 잠시 뒤 다시 보내 주세요.
error-unavailable = 방이 남기지 못했어요. 잠시 뒤 다시 보내 주세요.
error-no_such_room = 이 방에서 나온 상태예요. 먼저 다시 들어가 주세요.
error-not_here = 브라우저로 들어온 손님은 할 수 없어요. 마루 앱에서 해 주세요.
error-bad_id = 보낼 수 없는 메시지예요. 다시 적어 주세요.
error-host_failed = 방을 열지 못했어요. 다른 포트로 하거나 다시 해 주세요.
error-log_busy = 이 방은 다른 마루에서 이미 열려 있어요. 거기서 먼저 닫아 주세요.
error-room_in_use = 이 방은 다른 마루에서 열려 있어요. 거기서 먼저 닫아 주세요.
error-log_newer = 더 새로운 마루가 남긴 방이에요. 마루를 업데이트해 주세요.
error-log_broken = 이 방의 대화 기록이 손상됐어요. 기록은 그대로 뒀으니, 다른 이름으로 방을 열어 주세요.
error-not_hosting = 열어 둔 방이 없어요. 먼저 방을 열어 주세요.
error-link_failed = 링크를 열지 못했어요. 대신 복사해 주세요.
error-data_unwritable = 디스크에 저장하지 못했어요. 빈 곳이 있는지 확인해 주세요.
error-bad_search = 찾을 말을 줄여서 다시 써 주세요.
error-folder_failed = 폴더를 열지 못했어요. 파일 관리자에서 찾아 주세요.
error-certificate_changed = 인증서가 바뀌었어요. 방장에게 확인하고 들어가세요.
error-passphrase_needed = 암호를 묻는 방이에요. 방장에게 물어보세요.
error-bad_passphrase = 쓸 수 없는 암호예요. 1자에서 256자까지로 해 주세요.
error-wrong_passphrase = 암호가 맞지 않아요. 방장에게 물어보세요.
error-passphrase_first = 암호를 묻는 방이에요. 방장에게 물어보세요.
error-too_many_attempts = 암호를 너무 많이 틀렸어요. 몇 분 뒤 다시 들어와 주세요.
error-passphrase_unguarded = 암호를 묻는데 암호화되지 않은 방이에요. 들어가지 않았어요. 방장에게 물어보세요.
