// The page's words in both languages.

const WORDS = {
  en: {
    documents: "Documents", drop_files: "Drop files or folders, or choose", file_kinds: "PDF, Word, Excel, slides, text, Markdown, HTML, CSV, mail, e-books",
    uploads: "Uploads", more_uploads: (p) => `and ${p.n.toLocaleString("en")} more`, show_more: "Show more", conversation: "Conversation", answers: "Answers",
    welcome_title: "Ask your own documents", welcome_text: "Add files, then ask. Every statement of an answer carries a number: click it and see the very sentence it rests on.",
    no_documents_yet: "Nothing here yet.", empty_folder: "That folder holds no files.", your_question: "Your question", ask_placeholder: "Ask your documents…", ask: "Ask", stop: "Stop",
    fine_print: "Answers come from your documents only. Each citation is checked before you see it.",
    close: "Close", legend_quote: "cited", legend_passage: "its passage", document_text: "Text of the document",
    remove_title: "Remove this document?", remove: "Remove", cancel: "Cancel",
    remove_text: (p) => `“${p.source}” and everything the store knows of it will be gone at once. The original file is not touched.`,
    remove_one: (p) => `Remove ${p.source}`, removed: (p) => `${p.source} was removed.`, open_one: (p) => `Open ${p.source}`,
    key_title: "This server wants a key", key_text: "It is kept until you close this tab.", key_wrong: "That key was not accepted.", key_label: "Key", key_use: "Use it",
    new_conversation: "New", switch_language: "切换到中文", switch_theme: "Light or dark", other_language: "中文",
    status_line: (p) => `${p.documents} ${p.documents === 1 ? "document" : "documents"} · ${p.model}`, no_model: "no chat model: answers are quotes",
    pages: (p) => `${p.n} ${p.n === 1 ? "page" : "pages"}`, page: (p) => `page ${p.n}`, revision: (p) => `revision ${p.n}`, characters: (p) => `${p.n} chars`,
    stage_waiting: "Waiting for a free place", stage_rewriting: "Reading the conversation", stage_computing: "Looking at the tables", stage_retrieving: "Searching your documents", stage_judging: "Is the answer in there?", stage_answering: "Answering and checking each statement", stage_repairing: "Checking again",
    searched_as: (p) => `Searched as: ${p.text}`, mode_extractive: "Quoted from your documents, no model", mode_model: (p) => `Written by ${p.model}, every statement checked`,
    dropped: (p) => `${p.n} ${p.n === 1 ? "statement" : "statements"} left out: nothing in the documents carried ${p.n === 1 ? "it" : "them"}`,
    evidence: (p) => `Evidence: ${p.n} ${p.n === 1 ? "passage" : "passages"}`, nearest: "Nearest passages", refused: "Not in your documents", not_computed: "Not computed", ask_again: "Ask again", result: "Result", rows_shown: (p) => `${p.n} of ${p.of} rows`, words: "words", meaning: "meaning", graph: "names",
    mode_computed: "Exact: a query over all rows", mode_computed_model: (p) => `Exact: a query by ${p.model} over all rows`, download_csv: "Download CSV", download_csv_part: (p) => `Download CSV (the first ${p.n} rows)`, plot_of: (p) => `${p.value} by ${p.label}`, tables: "tables",
    rows_of: (p) => `${p.source} (${p.n} ${p.n === 1 ? 'row' : 'rows'})`, rows_behind: (p) => `; ${p.n} ${p.n === 1 ? 'row' : 'rows'} behind the answer`, tries_differ: (p) => `Only ${p.agreed} of ${p.tries} tries of the model at the query gave this result: check the query.`, computed_from: (p) => `Computed from ${p.from}${p.behind}`,
    connected_by: "Connected by", in_question: "named in the question", also_in: (p) => `also named in ${p.title}`,
    found_by: (p) => `found by ${p.name}, rank ${p.rank}`, citation: (p) => `Citation ${p.n}: ${p.source}`, stopped: "Stopped.", failed: "That did not work", empty_refused: "Nothing to search yet",
    gone: "This document has been removed or replaced since.", part_shown: "A part of a long document is shown.", network: "The server does not answer. Is it still running?",
    uploading: (p) => `uploading ${p.percent} %`, waiting: "waiting", working: "reading and indexing", too_large: (p) => `Larger than the limit of ${p.limit} MiB.`, clear_upload: (p) => `Clear ${p.name}`,
    stored: "stored", stored_with_warning: "stored, with a warning", refused_file: "refused", unchanged: "already there", cancelled: "cancelled", removed_file: "removed",
  },
  zh: {
    documents: "文档", drop_files: "拖入文件或文件夹，或点击选择", file_kinds: "PDF、Word、Excel、幻灯片、文本、Markdown、网页、CSV、邮件、电子书",
    uploads: "上传", more_uploads: (p) => `另有 ${p.n} 个`, show_more: "显示更多", conversation: "对话", answers: "回答",
    welcome_title: "向你自己的文档提问", welcome_text: "先添加文件，再提问。回答的每句话都带编号：点开便是它所依据的原文。",
    no_documents_yet: "还没有文档。", empty_folder: "这个文件夹里没有文件。", your_question: "你的问题", ask_placeholder: "向文档提问……", ask: "提问", stop: "停止",
    fine_print: "回答只来自你的文档，每条引用都先经过核对。",
    close: "关闭", legend_quote: "被引用", legend_passage: "所在段落", document_text: "文档内容",
    remove_title: "删除这份文档？", remove: "删除", cancel: "取消",
    remove_text: (p) => `“${p.source}”及库中与它有关的一切将立即删除。原文件不受影响。`,
    remove_one: (p) => `删除 ${p.source}`, removed: (p) => `已删除 ${p.source}。`, open_one: (p) => `打开 ${p.source}`,
    key_title: "这台服务器需要密钥", key_text: "密钥只保留到关闭本标签页为止。", key_wrong: "密钥不正确。", key_label: "密钥", key_use: "使用",
    new_conversation: "新对话", switch_language: "Switch to English", switch_theme: "浅色或深色", other_language: "EN",
    status_line: (p) => `${p.documents} 份文档 · ${p.model}`, no_model: "没有对话模型：回答为原文引用",
    pages: (p) => `${p.n} 页`, page: (p) => `第 ${p.n} 页`, revision: (p) => `第 ${p.n} 版`, characters: (p) => `${p.n} 字`,
    stage_waiting: "排队中", stage_rewriting: "理解上下文", stage_computing: "查看表格", stage_retrieving: "检索文档", stage_judging: "判断文档里有没有答案", stage_answering: "作答并逐句核对", stage_repairing: "再次核对",
    searched_as: (p) => `检索用语：${p.text}`, mode_extractive: "直接引自你的文档，未用模型", mode_model: (p) => `由 ${p.model} 撰写，逐句核对`,
    dropped: (p) => `略去 ${p.n} 句：文档不足以支持`,
    evidence: (p) => `依据：${p.n} 个段落`, nearest: "最接近的段落", refused: "文档里没有", not_computed: "没有算出", ask_again: "重新提问", result: "结果", rows_shown: (p) => `共 ${p.of} 行，显示 ${p.n} 行`, words: "词语", meaning: "语义", graph: "名称",
    mode_computed: "精确：对全部行查询所得", mode_computed_model: (p) => `精确：由 ${p.model} 写查询，对全部行计算`, download_csv: "下载 CSV", download_csv_part: (p) => `下载 CSV（前 ${p.n} 行）`, plot_of: (p) => `按${p.label}的${p.value}`, tables: "表格",
    rows_of: (p) => `${p.source}（${p.n} 行）`, rows_behind: (p) => `；答案由其中 ${p.n} 行得出`, tries_differ: (p) => `模型写查询的 ${p.tries} 次尝试中只有 ${p.agreed} 次得到这个结果，请核对查询。`, computed_from: (p) => `计算自 ${p.from}${p.behind}`,
    connected_by: "相连之处：", in_question: "问题中提到", also_in: (p) => `另见 ${p.title}`,
    found_by: (p) => `由${p.name}检索找到，排第 ${p.rank}`, citation: (p) => `引用 ${p.n}：${p.source}`, stopped: "已停止。", failed: "没有成功", empty_refused: "还没有可检索的内容",
    gone: "这份文档已被删除或更新。", part_shown: "文档很长，只显示其中一部分。", network: "服务器没有回应。它还在运行吗？",
    uploading: (p) => `上传中 ${p.percent}%`, waiting: "等待中", working: "读取并建立索引", too_large: (p) => `超过 ${p.limit} MiB 的上限。`, clear_upload: (p) => `清除 ${p.name}`,
    stored: "已存入", stored_with_warning: "已存入，有提示", refused_file: "未接受", unchanged: "已有", cancelled: "已取消", removed_file: "已删除",
  },
};

// The server says in English why a file ended as it did; these codes are said in Chinese here.
const REASONS = {
  empty_file: "文件为空（0 字节）。", no_text: "文件里没有文字。若内容是图片，请安装 gezhi[ocr] 并打开识别。",
  no_text_layer: "没有文字层，像是扫描件或图片。请安装 gezhi[ocr] 并打开识别。", pages_without_text: "有些页没有文字（可能是扫描页）。请安装 gezhi[ocr] 并打开识别。",
  ocr_not_installed: "要求了文字识别，但没有安装 gezhi[ocr]。", encrypted: "文件有密码保护。请另存一份无密码的。",
  damaged: "文件已损坏。请用原来的程序打开并重新保存。", parts_damaged: "文件部分损坏，能读的已保留，请与原件对照。",
  not_valid: "格式不合规范，已按纯文本保存。", replaced_characters: "有些字节不合编码，已用 \ufffd 代替。请另存为 UTF-8。",
  truncated_text: "文字太长，超出部分已略去。请拆分文件。", too_large: "文件超过大小上限。请拆分，或调高上限。", decompressed_too_large: "解压后超过大小上限。请分成几个文件保存。",
  too_many_cells: "表格太大。请分成几份，或存为 CSV。", entity_declarations: "XML 里声明了实体，可能暗藏攻击，因此没有读取。请去掉 DOCTYPE 再存。",
  unsupported_format: "不支持这种格式。", time_limit: "读取超时，已停止。请拆分文件，或调高上限。", memory_limit: "读取需要的内存超过上限，已停止。请拆分文件，或调高上限。",
  parser_crashed: "读取这个文件时解析器崩溃。请重新保存，或另存为 PDF。", parser_unavailable: "解析进程无法启动。请检查 Python 的安装。",
  not_found: "文件已不存在。", unreadable: "文件无法读取。请检查权限。", attachments_not_read: "附件只列出，没有读取。请另存后添加。", tables_as_lines: "后面的表格太多，按普通文字行读取。",
};

/** Why a file ended as it did, in the page's language where it is known there. */
export const reason = (outcome) => (language() === "zh" && REASONS[outcome.code]) || outcome.message;

export const language = () => (document.documentElement.lang === "zh" ? "zh" : "en");

export function t(key, parameters) {
  const word = WORDS[language()][key];
  return typeof word === "function" ? word(parameters) : (word ?? key);
}

/** Put the words into the fixed parts of the page. */
export function translatePage() {
  for (const node of document.querySelectorAll("[data-text]")) node.textContent = t(node.dataset.text);
  for (const node of document.querySelectorAll("[data-placeholder]")) node.placeholder = t(node.dataset.placeholder);
  for (const node of document.querySelectorAll("[data-label]")) {
    node.setAttribute("aria-label", t(node.dataset.label));
    if (node.tagName === "BUTTON") node.title = t(node.dataset.label);
  }
}

export function switchLanguage() {
  const next = language() === "zh" ? "en" : "zh";
  localStorage.setItem("gezhi-language", next);
  document.documentElement.lang = next;
  translatePage();
}
